import XPMProtocol

/// Where this daemon's files are.
struct DaemonPlaces {
    var runtime: String
    var socket: String
    var state: String
    /// Where it may serve while its runtime folder cannot be made; nil where the user named one or the socket.
    var sharedRuntime: String?
    /// Folders of templates, the user's last.
    var templates: [String]
    var settings: String

    var lock: String { runtime + "/xpmd.lock" }
    var keeperSocket: String { runtime + "/keeper.sock" }
    var socketFolder: String { socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? runtime }

    init(_ places: Places) throws(WireError) {
        try places.checkSockets()
        runtime = places.runtimeFolder
        socket = places.socket
        sharedRuntime = places.sharedRuntimeFolder
        state = try places.stateFolder
        settings = try places.configFolder + "/config.toml"
        templates = try [Installation.templates, places.configFolder + "/templates"].compactMap(\.self)
    }
}
