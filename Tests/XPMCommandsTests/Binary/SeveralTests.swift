import Glibc
import ScriptedDaemon
import Synchronization
import Testing
import XPMProtocol

/// Several services in one command, against an xpmd whose answers come in the order that a test wants.
struct SeveralTests {
    private static func service(_ id: String, _ state: ServiceState) -> ServiceRecord { Samples.service(id, state) }

    private static func name(_ id: String) -> String { service(id, .running).identity.fullName }

    private static func id(_ call: ScriptedDaemon.Call) -> String {
        (try? call.parameters(StopService.self).service.id) ?? "?"
    }

    @Test func allAreAskedBeforeAnyIsAwaited() async throws {
        try await Xpmctl.with({ call in
            call.method == "service.stop" ? [.reply(Self.service(Self.id(call), .stopping))] : []
        }) { (xpmctl: Xpmctl) async throws in
            let running = try xpmctl.begin(["stop", "a", "b"])
            try await xpmctl.daemon.waitForCalls("both waits") { $0.count == 4 }
            running.signal(SIGINT)
            let result = try await running.end()
            #expect(result.code == 130)
            let names = [Self.name("a"), Self.name("b")]
            #expect(
                result.err == "\nxpmctl: \(names.joined(separator: " and ")) are still stopping; "
                    + "`xpmctl stop --force \(names.joined(separator: " "))` ends them now\n")
            let methods = xpmctl.daemon.calls.map(\.method)
            #expect(methods == ["service.stop", "service.stop", "service.wait", "service.wait"])
            #expect(xpmctl.daemon.connections == 1)
        }
    }

    /// y comes first though x was named first; and of the failures that of x counts.
    @Test func eachIsToldOfAsItComesAndTheFirstNameGivesTheCode() async throws {
        let first = Mutex<RequestID?>(nil)
        try await Xpmctl.with({ call in
            guard Self.id(call) == "y", let id = first.withLock({ $0 }) else {
                first.withLock { $0 = call.id }
                return []
            }
            let refusal = WireError(.notStopped, "cannot wait longer for x")
            return [
                .refuse(WireError(.startFailed, "cannot start y")),
                .bytes(ScriptedDaemon.frame(id, "error", refusal)),
            ]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("wait", "x", "y")
            #expect(result.code == 8)
            let told = result.err.split(separator: "\n").filter { $0.hasPrefix("xpmctl: ") }
            #expect(told == ["xpmctl: cannot start y", "xpmctl: cannot wait longer for x"])
        }
    }

    @Test func whatCannotBeANameHoldsUpNoOther() async throws {
        try await Xpmctl.with({ call in
            Self.id(call) == "gone"
                ? [.refuse(WireError(.notFound, "cannot find gone"))] : [.reply(Self.service(Self.id(call), .running))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("wait", "gone", "a:b:c", "web", "-o", "json")
            #expect(result.code == 3)
            #expect(result.err.contains("cannot find gone") && result.err.contains("cannot read 'a:b:c'"))
            #expect(try Wire.decode(ServiceRecord.self, from: result.out.utf8).identity.id == "web")
        }
    }

    @Test func urlsOfSeveralAreToldApart() async throws {
        try await Xpmctl.with({ call in
            let service = Samples.service(Self.id(call), .running) { $0.url = "http://localhost/\($0.identity.id)" }
            return [.reply(GetService.Reply(service: service, definition: ServiceDefinition(run: .composite)))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("url", "a", "b")
            #expect(
                result
                    == .init(
                        code: 0, out: "\(Self.name("a"))\thttp://localhost/a\n\(Self.name("b"))\thttp://localhost/b\n",
                        err: ""))
            #expect(try await xpmctl.run("status", "a", "b", "-o", "json").out.split(separator: "\n").count == 2)
        }
    }

    @Test(arguments: ["start", "stop", "restart", "wait"])
    func waitGoesOnOverALossOfTheConnection(verb: String) async throws {
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.get":
                let reply = GetService.Reply(
                    service: Self.service(Self.id(call), .running), definition: ServiceDefinition(run: .composite))
                return [.reply(reply)]
            case "service.wait":
                guard call.connection > 1 else { return Self.id(call) == "b" ? [.drop] : [] }
                return [.reply(Self.service(Self.id(call), verb == "stop" ? .stopped : .running))]
            default: return [.reply(Self.service(Self.id(call), .starting))]
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run(verb, "a", "b")
            #expect(result.code == 0, "\(result)")
            let told = result.err.split(separator: "\n").count {
                $0.contains(verb == "stop" ? ": STOPPED" : ": RUNNING")
            }
            #expect(told == 2 && xpmctl.daemon.connections == 2)
        }
    }

    /// Whether it was carried out is found out by the record: a new attempt is its doing, the old one is not.
    @Test(arguments: [true, false])
    func restartWhoseReplyWasLostIsNotRepeatedBlindly(wasDone: Bool) async throws {
        try await Xpmctl.with({ call in
            func record(_ attempt: Int64) -> ServiceRecord {
                Samples.service("a", .running) { ($0.attempt, $0.revision) = (UInt64(attempt), attempt) }
            }
            switch call.method {
            case "service.get":
                let reply = GetService.Reply(
                    service: record(call.connection > 1 && wasDone ? 6 : 5),
                    definition: ServiceDefinition(run: .composite))
                return [.reply(reply)]
            case "service.restart": return call.connection == 1 ? [.drop] : [.reply(record(6))]
            default: return [.reply(record(6))]
            }
        }) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("restart", "a").code == 0)
            #expect(xpmctl.daemon.calls.count { $0.method == "service.restart" } == (wasDone ? 1 : 2))
        }
    }

    @Test func ambiguityListsItsCandidatesOnce() async throws {
        let names = ["a@r:x", "b@r:x"]
        let refusal = WireError(
            .ambiguous, "cannot tell which 'x' is meant: a@r:x, b@r:x",
            data: ["candidates": .array(names.map { .object(["name": .string($0)]) })])
        try await Xpmctl.with({ _ in [.refuse(refusal)] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("stop", "x")
            #expect(result.code == 4)
            #expect(result.err.hasPrefix("xpmctl: cannot tell which 'x' is meant\n  a@r:x\n  b@r:x\n"))
        }
    }
}
