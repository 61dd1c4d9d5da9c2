import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// A supervisor whose services the test runs and ends in a keeper's place.
final class OrderWorld {
    private(set) var fixture: SupervisorFixture
    private let folder: String

    init(folder: String) throws {
        self.folder = folder
        fixture = try SupervisorFixture(stateFolder: folder)
        _ = try fixture.ask(SupervisorFixture.open())
    }

    func add(_ requests: SupervisorFixture.Request...) throws {
        for request in requests { _ = try fixture.ask(request) }
    }

    /// Asks for a start, and waits until all that comes of it at once is on record.
    func start(_ id: String) throws {
        _ = try fixture.ask(SupervisorFixture.start(id))
        try drain()
    }

    /// The process of a service begins, and perhaps ends before anything of it is on record.
    func run(_ id: String, endingWith code: Int32? = nil) throws {
        let attempt = try fixture.attempt(of: id)
        try fixture.turn { supervisor in
            supervisor.handle(.spawned(attempt: attempt, pid: 4711, startTime: 1))
            guard let code else { return }
            supervisor.handle(.exited(attempt: attempt, .code(code), atMilliseconds: 1))
            supervisor.handle(.emptied(attempt: attempt))
        }
        try drain()
    }

    /// The process of a service ends, with all that it has started.
    func end(_ id: String, _ code: Int32) throws {
        let attempt = try fixture.attempt(of: id)
        try fixture.tell(.exited(attempt: attempt, .code(code), atMilliseconds: 1), .emptied(attempt: attempt))
        try drain()
    }

    /// The daemon dies, and the next one goes on with what waits.
    func replaceDaemon() throws {
        try drain()
        fixture.close()
        fixture = try SupervisorFixture(stateFolder: folder)
        try fixture.turn { $0.resumeWaiting(KeeperIdentity(instance: 1, bootID: BootClock.bootID)) }
        try drain()
    }

    /// One decision leads to others.
    func drain() throws { for _ in 0..<6 { try fixture.drain() } }

    func record(_ id: String) throws -> ServiceRecord {
        try fixture.turn { try $0.registry.resolve(ServiceReference(id: id)).record }
    }

    /// How far a service has come, in a word.
    func phase(_ id: String) throws -> String {
        try fixture.turn { supervisor in
            switch try supervisor.registry.resolve(ServiceReference(id: id)).machine.phase {
            case .idle: "idle"
            case .retrying: "retrying"
            case .starting(_, .clearing): "clearing"
            case .starting(_, .queued): "queued"
            case .starting(_, .spawning): "spawning"
            case .starting(_, .probing): "probing"
            case .running: "running"
            case .stopping(_, let step, nil, _): "\(step)"
            case .stopping(_, let step, _?, _): "\(step), then start"
            }
        }
    }
}
