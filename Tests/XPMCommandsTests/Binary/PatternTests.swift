import Glibc
import ScriptedDaemon
import Testing
import XPMProtocol

/// Several services in the commands that show them: by patterns, and by names.
struct PatternTests {
    private static let run = RunIdentity(workspace: "/nowhere", experiment: "lab", run: "20261122_101500")
    private static let services = [
        Samples.service("web", .running, run: run), Samples.service("worker1", .running, run: run),
        Samples.service("worker22", .running, run: run), Samples.service("work*", .running, run: run),
    ]

    private static func script(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        func service(_ reference: ServiceReference?) -> ServiceRecord? {
            services.first { $0.identity.id == reference?.id }
        }
        switch call.method {
        case "service.list": return [.reply(ListServices.Reply(services: services))]
        case "experiment.list": return [.reply(ListExperiments.Reply(experiments: [Samples.experiment(run)]))]
        case "service.get":
            guard let found = service(try? call.parameters(GetService.self).service) else { break }
            let definition = ServiceDefinition(run: .command(["sleep", "1"]))
            return [.reply(GetService.Reply(service: found, definition: definition))]
        case "service.signal":
            guard let found = service(try? call.parameters(SignalService.self).service) else { break }
            return [.reply(found)]
        case "service.logs":
            guard let request = try? call.parameters(ServiceLogs.self), request.streams != nil else { break }
            let lines = request.cursor == nil ? ["one"] : request.cursor == "1" ? ["two", "three"] : []
            if lines.isEmpty, request.waitSeconds != nil { return [] }
            var entries = lines.map { ServiceLogs.Entry(.stdout, attempt: 1, microseconds: 1, text: $0) }
            if lines.count == 2 { entries[1].isOpen = true }
            return [.reply(ServiceLogs.Page(entries, cursor: "\(lines.count)"))]
        case "service.wait":
            guard var found = service(try? call.parameters(WaitService.self).service) else { break }
            (found.state, found.attempt) = (.stopped, 1)
            return [.reply(found)]
        case "daemon.status":
            return [
                .reply(
                    DaemonStatus.Reply(
                        version: "0.2.0", pid: 1, keeperPid: 2, startedAt: Samples.moment, instance: "i", socket: "/s",
                        stateFolder: "/t", services: [:], lastEvent: 3, connections: 1, storageFault: nil))
            ]
        case "events.list": return [.refuse(WireError(.unknownMethod, "cannot"))]
        case "events.subscribe":
            let events = ["web", "worker1", "web"].enumerated().map { place, id in
                Samples.change(Int64(place + 1), .stopped, .starting, id: id, run: run)
            }
            return [.reply(SubscribeEvents.Reply(last: 3))] + events.map { .event($0) }
        default: break
        }
        return [.refuse(WireError(.notFound, "cannot find it"))]
    }

    private func run(_ arguments: String...) async throws -> Xpmctl.Result {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            try await xpmctl.begin(arguments + ["--workspace", "/nowhere"]).end()
        }
    }

    @Test func logsOfSeveralTellWhoseEachLineIs() async throws {
        let result = try await run("logs", "worker*", "web")
        #expect(
            result
                == .init(
                    code: 0, out: "worker1   | one\nworker22  | one\nweb       | one\n", err: ""))
        #expect(try await run("logs", "web").out == "one\n")
        #expect(try await run("logs", "web", "--raw").out == "one\n")
        #expect(try await run("logs", "web", "worker1", "--raw").code == 64)
    }

    @Test func severalLogsAreFollowedToTheEndOfEachService() async throws {
        let result = try await run("logs", "-f", "worker?", "worker22", "gone")
        #expect(result.code == 3)
        let lines = result.out.split(separator: "\n")
        for name in ["worker1   | ", "worker22  | "] {
            // The last line has no end, and the other service's lines do not go on behind it.
            #expect(
                lines.filter { $0.hasPrefix(name) } == ["\(name)one", "\(name)two", "\(name)three"].map { $0[...] })
        }
        #expect(lines.count == 6)
        for id in ["worker1", "worker22"] {
            #expect(result.err.contains("xpmctl: lab@20261122_101500:\(id) has ended: STOPPED\n"))
        }
    }

    /// journalctl would have to run beside; the others are followed.
    @Test func aJournalIsNotFollowedTogetherWithOthers() async throws {
        try await Xpmctl.with({ call in
            guard let logs = try? call.parameters(ServiceLogs.self), call.method == "service.logs",
                logs.service.id == "web"
            else { return Self.script(call) }
            return [.refuse(WireError(.unsupported, "cannot read it", data: ["arguments": ["journalctl"]]))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("logs", "-f", "web", "worker1", "--workspace", "/nowhere")
            #expect(result.code == ErrorCode.unsupported.exitCode)
            let refusal = "cannot follow the log of lab@20261122_101500:web together with others: it is in the journal"
            #expect(result.err.contains(refusal))
            #expect(result.out == ["one", "two", "three"].map { "worker1  | \($0)\n" }.joined())
        }
    }

    @Test func aSignalGoesToAllThatMatch() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("signal", "worker*", "usr1", "--workspace", "/nowhere")
            #expect(result.code == 0)
            #expect(result.err.contains(":worker1: sent SIGUSR1") && result.err.contains(":worker22: sent SIGUSR1"))
            let sent = try xpmctl.daemon.calls.filter { $0.method == "service.signal" }.map {
                try $0.parameters(SignalService.self).service.id
            }
            #expect(sent == ["worker1", "worker22"])
        }
    }

    /// Nobody knows whether it was sent; sent twice it may do something else.
    @Test func aSignalIsNotRepeatedWhenTheConnectionIsLost() async throws {
        try await Xpmctl.with({ $0.method == "service.signal" ? [.drop] : Self.script($0) }) {
            (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("signal", "web", "USR1")
            #expect(result.code == 7 && result.err.contains("cannot tell whether web got the signal"), "\(result)")
            #expect(xpmctl.daemon.calls.count { $0.method == "service.signal" } == 1)
        }
    }

    @Test func whyTellsOfAllThatMatch() async throws {
        let result = try await run("why", "w*[b1]")
        #expect(result.code == 0, "\(result)")
        let pages = result.out.split(separator: "\n\nlab@")
        #expect(pages.count == 2)
        #expect(pages[0].hasPrefix("lab@20261122_101500:web is RUNNING"))
        #expect(pages[0].ranges(of: "STOPPED → STARTING").count == 2)
        #expect(pages[1].hasPrefix("20261122_101500:worker1 is RUNNING"))
        #expect(pages[1].ranges(of: "STOPPED → STARTING").count == 1)
    }

    @Test func whyIsJSONForPrograms() async throws {
        struct Reasons: Decodable {
            var service: ServiceRecord
            var events: [EventRecord]
        }
        let result = try await run("why", "web", "worker1", "--output", "json")
        let reasons = try result.out.split(separator: "\n").map { try Wire.decode(Reasons.self, from: $0.utf8) }
        #expect(reasons.map(\.service.identity.id) == ["web", "worker1"])
        #expect(reasons.map { $0.events.map(\.sequence) } == [[1, 3], [2]])
        #expect(result.code == 0 && result.err == "")
    }

    /// Where a service is called `work*`, that one is meant and not all that match.
    @Test(arguments: ["why", "logs", "signal"]) func anExistingNameWinsOverAPattern(verb: String) async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let signal = verb == "signal" ? ["USR1"] : []
            let result = try await xpmctl.begin([verb, "work*"] + signal + ["--workspace", "/nowhere"]).end()
            #expect(result.code == 0, "\(result)")
            let meant = xpmctl.daemon.calls.compactMap { call -> String? in
                switch call.method {
                case "service.get": try? call.parameters(GetService.self).service.id
                case "service.signal": try? call.parameters(SignalService.self).service.id
                default: nil
                }
            }
            #expect(meant == ["work*"])
        }
    }
}
