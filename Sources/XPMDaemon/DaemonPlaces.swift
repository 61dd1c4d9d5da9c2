import XPMProtocol

/// Where this daemon's files are.
struct DaemonPlaces {
    var runtime: String
    var socket: String
    var state: String
    /// Folders of templates, the user's last.
    var templates: [String]
    var settings: String

    var lock: String { runtime + "/xpmd.lock" }
    var keeperSocket: String { runtime + "/keeper.sock" }

    init(_ places: Places) throws(WireError) {
        try places.checkSockets()
        runtime = places.runtimeFolder
        socket = places.socket
        state = try places.stateFolder
        settings = try places.configFolder + "/config.toml"
        templates = try [Installation.templates, places.configFolder + "/templates"].compactMap(\.self)
    }
}
