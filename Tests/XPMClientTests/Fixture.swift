import ScriptedDaemon
import XPMClient
import XPMProtocol

/// A scripted daemon with its places, in a scratch folder that goes with the test.
///
///     try await Fixture.with({ call in [.reply(Empty())] }) { fixture in … }
struct Fixture: Sendable {
    let scratch: ScratchFolder
    let places: Places
    let daemon: ScriptedDaemon

    static func with<Value>(
        greets: Bool = true, _ script: @escaping @Sendable (ScriptedDaemon.Call) -> [ScriptedDaemon.Action],
        _ body: (Fixture) async throws -> Value
    ) async throws -> Value {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let places = try Places(environment: ["XPMD_RUNTIME_DIR": scratch.path], user: 0)
        let daemon = try ScriptedDaemon(socket: places.socket, greets: greets, script: script)
        defer { daemon.stop() }
        return try await body(Fixture(scratch: scratch, places: places, daemon: daemon))
    }

    var client: Client { Client(places: places, name: "test", autostart: nil) }

    func connect() throws(WireError) -> Connection { try Connection(socket: places.socket, client: "test") }
}

/// The error of `body`, nil where it has none.
func failure(_ body: () throws -> some Any) -> WireError? {
    do {
        _ = try body()
        return nil
    } catch { return error as? WireError }
}
