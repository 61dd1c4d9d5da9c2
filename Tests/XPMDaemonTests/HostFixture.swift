import Glibc
import NIOCore
import XPMProtocol
import XPMStore
import XPMSupervision

@testable import XPMControl
@testable import XPMDaemon

/// A supervisor whose hosted services belong to scripted clients.
final class HostFixture {
    let scratch: Scratch
    private(set) var supervisor: SupervisorFixture
    /// Two processes that live for as long as the test does.
    static let (own, other) = (getpid(), getppid())

    init() throws {
        scratch = try Scratch()
        supervisor = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        _ = try supervisor.ask(SupervisorFixture.open())
    }

    /// A client of a process, and what it adds.
    func client(_ pid: Int32? = HostFixture.own, adding ids: String...) throws -> ScriptedClient {
        let client = ScriptedClient(pid: pid)
        for id in ids { _ = try add(id, by: client) }
        return client
    }

    /// Adds a hosted service; the answer.
    func add(
        _ id: String, by client: ScriptedClient,
        defining: @escaping @Sendable (inout ServiceDefinition) -> Void = { _ in }
    ) throws -> Response<JSONValue> {
        var definition = ServiceDefinition(run: .hosted)
        defining(&definition)
        let request = AddService(to: SupervisorFixture.run, id: id, definition: definition)
        return try ask(client) { try $0.addService(request, $1) }
    }

    /// A client's request, answered.
    func ask(_ client: ScriptedClient, _ request: @escaping SupervisorFixture.Request) throws -> Response<JSONValue> {
        let count = try supervisor.turn { supervisor in
            let count = client.replies.count
            let responder = Responder(id: .integer(1), connection: client)
            do { try request(supervisor, responder) } catch {
                responder.fail(error as? WireError ?? WireError(.internalError, "\(error)"))
            }
            return count
        }
        try supervisor.drain()
        let reply = try supervisor.turn { _ in client.replies.dropFirst(count).first }
        guard let reply else { throw FixtureFailure("a request was not answered") }
        return reply
    }

    func notify(_ client: ScriptedClient, _ attempt: UInt64, _ text: String) throws -> Response<JSONValue> {
        try ask(client) { try $0.notifyHosted(NotifyHosted(attempt: attempt, text: text), $1) }
    }

    func end(_ client: ScriptedClient, _ attempt: UInt64, error: String? = nil) throws -> Response<JSONValue> {
        try ask(client) { try $0.endHosted(EndHosted(attempt: attempt, error: error), $1) }
    }

    /// What a client does, and what comes of it on record.
    func with(_ client: ScriptedClient, _ body: @escaping @Sendable (ScriptedClient) -> Void) throws {
        try supervisor.turn { _ in body(client) }
        try supervisor.drain()
    }

    /// `hosted.start 7`, `hosted.stop 7 force`: all that a client was asked for.
    func asked(_ client: ScriptedClient) throws -> [String] {
        try supervisor.turn { _ in
            client.asked.map {
                "\($0.method.rawValue) \($0.attempt.attempt)\($0.attempt.force == true ? " force" : "")"
            }
        }
    }

    /// Starts a service; its attempt.
    func start(_ id: String = "lab") throws -> UInt64 {
        let answer = try supervisor.ask(SupervisorFixture.start(id))
        if let refusal = answer.first?.error { throw refusal }
        try supervisor.drain()
        return try supervisor.attempt(of: id)
    }

    /// Starts a service that its client begins and that is ready.
    func run(_ id: String = "lab", by client: ScriptedClient) throws -> UInt64 {
        let attempt = try start(id)
        try with(client) { $0.answer() }
        _ = try notify(client, attempt, "READY=1\nX_XPM_URL=http://127.0.0.1:8888/")
        try supervisor.drain()
        return attempt
    }

    func record(_ id: String = "lab") throws -> ServiceRecord {
        try supervisor.turn { try $0.registry.resolve(ServiceReference(id: id)).record }
    }

    /// A deadline of a service passes.
    func timeUp(_ timer: XPMSupervision.Timer, _ id: String = "lab") throws {
        try supervisor.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: id))
            guard let attempt = entry.machine.phase.liveAttempt else { return }
            entry.timers.removeValue(forKey: timer)?.cancel()
            supervisor.apply(.timeUp(timer, attempt), to: entry)
        }
        try supervisor.drain()
    }

    /// The daemon goes, and another one begins with what is on record.
    func replaceDaemon(comeback: Duration = .seconds(1000)) throws {
        try supervisor.turn { $0.forgetHosts() }
        supervisor.store.close()
        supervisor = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        try supervisor.turn { supervisor in
            supervisor.hostComeback = comeback
            let keeper = KeeperIdentity(instance: 1, bootID: BootClock.bootID)
            supervisor.takeOver(keeper, [])
            supervisor.awaitHosts(keeper)
            supervisor.resumeWaiting(keeper)
        }
        try supervisor.drain()
    }
}
