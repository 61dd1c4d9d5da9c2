import XPMProtocol

/// Where this daemon's files are.
struct DaemonPlaces {
    var runtime: String
    var socket: String
    var state: String
    /// Folders of templates, the user's last.
    var templates: [String]

    var lock: String { runtime + "/xpmd.lock" }
    var keeperSocket: String { runtime + "/keeper.sock" }

    init(_ places: Places) throws(WireError) {
        runtime = places.runtimeFolder
        socket = places.socket
        state = try places.stateFolder
        templates = try [Installation.templates, places.configFolder + "/templates"].compactMap(\.self)
    }
}
