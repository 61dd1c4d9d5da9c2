import ArgumentParser
import XPMClient
import XPMProtocol

/// How xpmd is reached.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Control socket of xpmd.", valueName: "path"), completion: .file(),
        transform: { try LocalPath.checked($0) })
    var socket: String?

    @Flag(name: .customLong("no-autostart"), help: "Fail if xpmd is not running, instead of starting it.")
    var noAutostart = false

    static let clientName = "xpmctl \(ProtocolVersion.product)"

    /// The environment that finds xpmd: this process's, with `--socket` in it so that an xpmd started by us listens there.
    private var environment: [String: String] {
        var environment = ProcessEnvironment.current
        if let socket { environment["XPMD_SOCKET"] = Caller.absolute(socket) }
        return environment
    }

    func places() throws(WireError) -> Places {
        try Places(environment: environment, user: Caller.user) { path in PathLook.at(path) { FileFacts(at: path) } }
    }

    /// Connects, starting xpmd where nothing answers.
    func connect() throws(WireError) -> Connection { try connect(autostart: !noAutostart) }

    /// Connects, starting xpmd only where `autostart` allows it.
    func connect(autostart: Bool) throws(WireError) -> Connection {
        let places = try places()
        if let warning = places.warning { StandardError.line("xpmctl: \(warning)") }
        return try Connection.open(
            places, client: Self.clientName,
            autostart: autostart ? Autostart(places: places, environment: environment) : nil)
    }

    /// Asks what changes nothing, and asks again on another connection where the first one is lost: xpmd may be reloaded just then.
    func ask<Value>(autostart: Bool? = nil, _ body: (Connection) throws -> Value) throws -> Value {
        let autostart = autostart ?? !noAutostart
        do { return try body(connect(autostart: autostart)) } catch let error as WireError
            where error.code == .connectionLost
        {
            return try body(connect(autostart: autostart))
        }
    }

    /// Questions over any number of connections, the next one being made as the first.
    func session() throws(WireError) -> Session { try Session { () throws(WireError) in try connect() } }
}
