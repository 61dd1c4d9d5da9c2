import NIOCore
import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Hosts, requests and deadlines in any order: what must hold after each step, and at the end.
@Suite struct HostWalkTests {
    @Test(arguments: 1...8) func whateverHappensTheRecordIsTrue(seed: UInt64) throws {
        let walk = try HostWalk(seed: seed)
        for _ in 0..<150 {
            try walk.step()
            try walk.check()
        }
        try walk.finish()
    }
}

/// One service between two processes, and everything that can happen to it.
private final class HostWalk {
    private let fixture: HostFixture
    private let seed: UInt64
    private var state: UInt64
    private var clients: [ScriptedClient] = []
    private var history: [String] = []
    private var attempts: Set<UInt64> = []

    init(seed: UInt64) throws {
        (self.seed, state) = (seed, seed &* 0x9e37_79b9_7f4a_7c15)
        fixture = try HostFixture()
        clients = [try fixture.client(adding: "lab")]
    }

    private func pick(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }

    private func client() -> ScriptedClient? { clients.isEmpty ? nil : clients[pick(clients.count)] }

    func step() throws {
        let attempt = try fixture.supervisor.attempt(of: "lab")
        switch pick(12) {
        case 0, 1: try ask("start", SupervisorFixture.start("lab"))
        case 2: try ask("stop", SupervisorFixture.stop("lab"))
        case 3: try ask("restart") { try $0.restartService(RestartService(ServiceReference(id: "lab")), $1) }
        case 4, 5: try with("answer") { $0.answer() }
        case 6: try with("refuse") { $0.answer(.failure(WireError(.internalError, "cannot do it"))) }
        case 7:
            history.append("ready \(attempt)")
            if let client = client() { _ = try fixture.notify(client, attempt, "READY=1") }
        case 8:
            history.append("ended \(attempt)")
            if let client = client() { _ = try fixture.end(client, attempt, error: pick(2) == 0 ? nil : "it broke") }
        case 9:
            try with("leave") { $0.leave() }
            clients.removeAll(where: \.isClosed)
        case 10:
            let pid = pick(3) == 0 ? HostFixture.other : HostFixture.own
            history.append("come \(pid)")
            clients.append(try fixture.client(pid, adding: "lab"))
        default:
            let timer = XPMSupervision.Timer.allCases[pick(XPMSupervision.Timer.allCases.count)]
            history.append("time up \(timer)")
            try fixture.timeUp(timer)
        }
        try fixture.supervisor.drain()
    }

    private func ask(_ what: String, _ request: @escaping SupervisorFixture.Request) throws {
        history.append(what)
        _ = try fixture.supervisor.ask(request)
    }

    private func with(_ what: String, _ body: @escaping @Sendable (ScriptedClient) -> Void) throws {
        history.append(what)
        if let client = client() { try fixture.with(client, body) }
    }

    func check() throws {
        let (record, live) = (try fixture.record(), try fixture.supervisor.attempt(of: "lab"))
        let trace = "seed \(seed): \(history.suffix(12)) gave \(record)"
        // Only a host has something of it.
        if clients.isEmpty { #expect(live == 0, "\(trace)") }
        switch record.state {
        case .running: #expect(live != 0 && record.pid != nil && record.error == nil, "\(trace)")
        case .stopped: #expect(live == 0 && record.pid == nil && record.url == nil, "\(trace)")
        case .error: #expect(record.error?.isEmpty == false && record.url == nil, "\(trace)")
        case .starting, .stopping: #expect(record.waitingFor != nil, "\(trace)")
        }
        for client in clients {
            let asked = try fixture.asked(client)
            // An attempt is asked for once on a connection.
            let starts = asked.filter { $0.hasPrefix("hosted.start") }
            #expect(Set(starts).count == starts.count, "\(trace): \(asked)")
        }
    }

    /// Without anybody who hosts it, it is in a state that lasts, and its record is what the next daemon reads.
    func finish() throws {
        for client in clients { try fixture.with(client) { $0.leave() } }
        let record = try fixture.record()
        #expect(record.state == .stopped || record.state == .error, "seed \(seed): \(history) gave \(record)")
        #expect(try fixture.supervisor.attempt(of: "lab") == 0)
        try fixture.replaceDaemon()
        let next = try fixture.record()
        #expect(next.state == record.state && next.error == record.error && next.attempt == record.attempt)
    }
}
