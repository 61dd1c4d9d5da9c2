import Glibc
import ScriptedDaemon
import Testing
import XPMProtocol

struct FollowingTests {
    private static let reply = GetService.Reply(
        service: Samples.service("tensorboard", .running), definition: ServiceDefinition(run: .composite))

    @Test func logsPrintStdoutThenStderrAsTheyAre() async throws {
        try await Xpmctl.withoutPages({ call in
            guard let logs = try? call.parameters(ServiceLogs.self), call.method == "service.logs" else {
                return call.method == "service.wait" ? [] : [.reply(Self.reply)]
            }
            return [
                .reply(
                    ServiceLogs.Piece(
                        text: "\(logs.stream?.rawValue ?? "") \(logs.lines ?? 0)\u{1b}[2J\n", next: 10, path: "/l"))
            ]
        }) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("logs", "my_experiment:tensorboard", "-n", "5")
                    == .init(code: 0, out: "stdout 5\u{1b}[2J\nstderr 5\u{1b}[2J\n", err: ""))
            #expect(try await xpmctl.run("logs", "tensorboard", "--stderr").out == "stderr 100\u{1b}[2J\n")
        }
    }

    /// The daemon ends the connection in the middle; the follower goes on at the offset it had.
    @Test func followedLogsSurviveARestartOfTheDaemon() async throws {
        try await Xpmctl.withoutPages({ call in
            guard call.method == "service.logs", let logs = try? call.parameters(ServiceLogs.self) else {
                return call.method == "service.wait" ? [] : [.reply(Self.reply)]
            }
            func piece(_ text: String, next: Int64) -> ScriptedDaemon.Action {
                .reply(ServiceLogs.Piece(text: text, next: next, path: "/l"))
            }
            switch logs.offset {
            case nil: return [piece("one\n", next: 4)]
            case 4: return call.connection == 2 ? [.drop] : [piece("two\n", next: 8)]
            case 8: return [piece("", next: 8)]
            default: return []
            }
        }) { (xpmctl: Xpmctl) async throws in
            let running = try xpmctl.begin(["logs", "-f", "--stdout", "tensorboard"])
            // An empty reply makes it ask again, so the second question at offset 8 comes when the lines are printed.
            try await xpmctl.daemon.waitForCalls("a second poll at the end") { calls in
                calls.count { (try? $0.parameters(ServiceLogs.self).offset) == 8 } >= 2
            }
            running.signal(SIGTERM)
            #expect(try await running.end().out == "one\ntwo\n")
        }
    }

    @Test func bothLogsAreFollowedInWholeLines() async throws {
        try await Xpmctl.withoutPages({ call in
            guard call.method == "service.logs", let logs = try? call.parameters(ServiceLogs.self) else {
                return call.method == "service.wait" ? [] : [.reply(Self.reply)]
            }
            let name = logs.stream?.rawValue ?? ""
            let text: String? =
                switch logs.offset {
                case nil: "\(name) be"
                case 1: "gins\n\(name) en"
                case 2: "ds\n"
                default: nil
                }
            return text.map { [.reply(ServiceLogs.Piece(text: $0, next: (logs.offset ?? 0) + 1, path: "/l"))] } ?? []
        }) { (xpmctl: Xpmctl) async throws in
            let running = try xpmctl.begin(["logs", "-f", "tensorboard"])
            try await xpmctl.daemon.waitForCalls("both polls at the end") { calls in
                calls.count { (try? $0.parameters(ServiceLogs.self).offset) == 3 } == 2
            }
            running.signal(SIGTERM)
            let lines = try await running.end().out.split(separator: "\n").sorted()
            #expect(lines == ["stderr begins", "stderr ends", "stdout begins", "stdout ends"])
        }
    }

    @Test func progressThatStaysUnfinishedIsPrintedAtTheEnd() async throws {
        try await Xpmctl.withoutPages({ call in
            guard call.method == "service.logs", let logs = try? call.parameters(ServiceLogs.self) else {
                return call.method == "service.wait" ? [] : [.reply(Self.reply)]
            }
            let text: String? = logs.offset == nil ? "begin\n10%" : logs.offset == 1 ? "\r20%" : nil
            return text.map { [.reply(ServiceLogs.Piece(text: $0, next: (logs.offset ?? 0) + 1, path: "/l"))] } ?? []
        }) { (xpmctl: Xpmctl) async throws in
            let running = try xpmctl.begin(["logs", "-f", "--stdout", "tensorboard"])
            try await xpmctl.daemon.waitForCalls("the poll at the end") { calls in
                calls.contains { (try? $0.parameters(ServiceLogs.self).offset) == 2 }
            }
            running.signal(SIGTERM)
            let result = try await running.end()
            #expect(result.out == "begin\n20%", "\(result)")
        }
    }

    @Test func followerEndsWithItsServiceAfterTheLastByte() async throws {
        try await Xpmctl.withoutPages({ call in
            if call.method == "service.wait" {
                let ended = Samples.service("tensorboard", .error) {
                    ($0.attempt, $0.error) = (3, "exited with code 1")
                }
                return [.reply(ended)]
            }
            guard call.method == "service.logs", let logs = try? call.parameters(ServiceLogs.self) else {
                return [.reply(Self.reply)]
            }
            // What is there is told at once; only one who waits for more than that gets no answer.
            let text = logs.offset == nil ? "one\n" : logs.offset == 4 ? "two\n" : ""
            if text.isEmpty, logs.waitSeconds != 0 { return [] }
            return [.reply(ServiceLogs.Piece(text: text, next: text.isEmpty ? 8 : (logs.offset ?? 0) + 4, path: "/l"))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("logs", "-f", "--stdout", "tensorboard")
            #expect(result.code == 0 && result.out == "one\ntwo\n")
            let end = "xpmctl: my_experiment@20261122_101500:tensorboard has ended: ERROR, exited with code 1\n"
            #expect(result.err.hasSuffix(end))
            #expect(try await xpmctl.run("logs", "--retry", "tensorboard").code == 64)
        }
    }

    /// journalctl itself would follow for ever; what it has not read when the service ends is read behind it.
    @Test func followerOfTheJournalEndsWithItsService() async throws {
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.wait": return [.reply(Samples.service("tensorboard", .stopped) { $0.attempt = 3 })]
            case "service.logs":
                let data: [String: JSONValue] = ["arguments": .array([.string("journalctl")])]
                return [.refuse(WireError(.unsupported, "cannot read the log", data: data))]
            default: return [.reply(Self.reply)]
            }
        }) { (base: Xpmctl) async throws in
            var xpmctl = base
            let line = #"{"MESSAGE":"%s","PRIORITY":"6","__REALTIME_TIMESTAMP":"1","__CURSOR":"%s"}\n"#
            try xpmctl.scratch.write(
                "journalctl",
                """
                #!/bin/sh
                one() { printf '\(line)' one c1; }
                two() { printf '\(line)' two c2; }
                case "$*" in
                *--follow*) one; exec sleep 1000 ;;
                *--after-cursor=c1*) two ;;
                *) one; two ;;
                esac
                """, mode: 0o700)
            xpmctl.environment["PATH"] = "\(xpmctl.scratch.path):/usr/bin:/bin"
            let result = try await xpmctl.run("logs", "-f", "tensorboard")
            #expect(result.code == 0 && result.out == "one\ntwo\n")
            #expect(result.err.hasSuffix("xpmctl: my_experiment@20261122_101500:tensorboard has ended: STOPPED\n"))
        }
    }

    /// As `events -f | head -1` and `logs -f | grep -m1 x`: nothing comes any more, and nobody would read it.
    @Test(arguments: [["events", "-f"], ["logs", "-f", "--stdout", "tensorboard"]])
    func followerEndsWithItsReader(arguments: [String]) async throws {
        try await Xpmctl.withoutPages({ call in
            switch call.method {
            case "events.subscribe": Self.events(call)
            case "service.wait": []
            case "service.logs":
                (try? call.parameters(ServiceLogs.self).offset) != nil
                    ? [] : [.reply(ServiceLogs.Piece(text: "one\n", next: 4, path: "/l"))]
            default: [.reply(Self.reply)]
            }
        }) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.runUntilFirstOutput(arguments) == 128 + SIGPIPE)
        }
    }

    /// One that waits goes on while anybody reads either of its outputs.
    @Test func waitEndsWithTheLastOfItsReaders() async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let (running, pipe) = try xpmctl.beginPiped(["wait", "tensorboard"], descriptors: [1, 2])
            try await xpmctl.daemon.waitForCalls("the wait") { !$0.isEmpty }
            pipe.closeReading()
            #expect(try await running.code() == 128 + SIGPIPE)
        }
    }

    @Test func allSinceATimeIsReadInPieces() async throws {
        let since = Timestamp(milliseconds: 1_000)
        try await Xpmctl.withoutPages({ call in
            guard call.method == "service.logs", let logs = try? call.parameters(ServiceLogs.self) else {
                return call.method == "service.wait" ? [] : [.reply(Self.reply)]
            }
            // First it asks whether the log is in files at all.
            guard logs.lines != 0 else { return [.reply(ServiceLogs.Piece(text: "", next: 0, path: "/l"))] }
            guard logs.since == since, logs.lines == nil, logs.timestamps == true else { return [.drop] }
            let text = logs.offset == nil ? "one\n" : logs.offset == 4 ? "two\n" : ""
            let times = [ServiceLogs.LineTime(at: since, lines: 1)]
            return [.reply(ServiceLogs.Piece(text: text, next: (logs.offset ?? 0) + 4, path: "/l", times: times))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run(
                "logs", "my_experiment:tensorboard", "--stderr", "--timestamps", "--since", "1970-01-01T00:00:01Z")
            #expect(
                result
                    == .init(
                        code: 0, out: "1970-01-01T00:00:01.000Z one\n1970-01-01T00:00:01.000Z two\n", err: ""))
            #expect(try await xpmctl.run("logs", "x", "-f", "--until", "10m").code == 64)
            #expect(try await xpmctl.run("logs", "x", "--raw", "-t").code == 64)
            #expect(try await xpmctl.run("logs", "x", "--since", "soon").code == 64)
        }
    }

    private static let log = (Int64(1)...3).map { Samples.change($0, .stopped, .starting) }

    private static func events(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        let since = (try? call.parameters(SubscribeEvents.self).since) ?? 0
        return [.reply(SubscribeEvents.Reply(last: 3))] + log.filter { $0.sequence > since }.map { .event($0) }
    }

    @Test func eventsPrintThePastAndEnd() async throws {
        try await Xpmctl.with(Self.events) { (xpmctl: Xpmctl) async throws in
            let all = try await xpmctl.run("events", "--output", "json")
            #expect(all.code == 0)
            #expect(
                try all.out.split(separator: "\n").map { try Wire.decode(EventRecord.self, from: $0.utf8) } == Self.log)
            #expect(
                try await xpmctl.run("events", "--since", "2").out
                    == "3  2026-11-22T10:15:00.000Z  my_experiment@20261122_101500:tensorboard  STOPPED → STARTING  start requested\n"
            )
            #expect(try await xpmctl.run("events", "--since", "3") == .init(code: 0, out: "", err: ""))
        }
    }

    @Test(arguments: [(0, []), (1, [3]), (2, [2, 3]), (9, [1, 2, 3])])
    func eventsShowTheLastSoMany(count: Int, shown: [Int64]) async throws {
        try await Xpmctl.with(Self.listed) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("events", "-n", "\(count)", "-o", "json")
            let found = try result.out.split(separator: "\n").map {
                try Wire.decode(EventRecord.self, from: $0.utf8).sequence
            }
            #expect(found == shown && result.code == 0)
            // No more is asked for than is shown, and nothing else.
            let asked = try xpmctl.daemon.calls.map { try $0.parameters(ListEvents.self).limit }
            #expect(asked == [max(1, count)])
            #expect(try await xpmctl.run("events", "-n", "-1").code == 64)
        }
    }

    /// One that lists no events is asked for all of them.
    @Test(arguments: [(0, []), (1, [3]), (2, [2, 3]), (9, [1, 2, 3])])
    func olderDaemonsTellTheLastSoMany(count: Int, shown: [Int64]) async throws {
        try await Xpmctl.with({ call in
            call.method == "events.list" ? [.refuse(WireError(.unknownMethod, "cannot"))] : Self.events(call)
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("events", "-n", "\(count)", "-o", "json")
            let found = try result.out.split(separator: "\n").map {
                try Wire.decode(EventRecord.self, from: $0.utf8).sequence
            }
            #expect(found == shown && result.code == 0)
        }
    }

    @Test func eventsOfOneServiceAreLookedForFromTheEnd() async throws {
        try await Xpmctl.with({ call in
            guard call.method == "events.list", let request = try? call.parameters(ListEvents.self) else {
                return [.reply(Self.reply)]
            }
            // Its last event is on the second page of three.
            let end = request.before ?? 300
            let page = [Samples.change(end - 100, .stopped, .starting, id: end == 200 ? "tensorboard" : "another")]
            return [.reply(ListEvents.Reply(events: page, last: 299, before: end == 100 ? nil : end - 100))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("events", "-n", "1", "-o", "json", "my_experiment:tensorboard")
            #expect(result.code == 0 && result.out.contains(#""seq":100,"#))
            #expect(xpmctl.daemon.calls.count { $0.method == "events.list" } == 2)
        }
    }

    private static func listed(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        guard let request = try? call.parameters(ListEvents.self) else { return [] }
        let page = log.suffix(request.limit ?? 100)
        return [
            .reply(ListEvents.Reply(events: Array(page), last: 3, before: page.count < 3 ? page.first?.sequence : nil))
        ]
    }

    @Test func followedEventsSurviveARestartOfTheDaemon() async throws {
        try await Xpmctl.with({ call in call.connection == 1 ? Self.events(call) + [.drop] : Self.events(call) }) {
            (xpmctl: Xpmctl) async throws in
            let running = try xpmctl.begin(["events", "-f", "-o", "json"])
            try await xpmctl.daemon.waitForCalls("the second subscription") { $0.count == 2 }
            running.signal(SIGTERM)
            let result = try await running.end()
            #expect(result.out.split(separator: "\n").count == 3)
            #expect(try xpmctl.daemon.calls.last?.parameters(SubscribeEvents.self).since == 3)
        }
    }
}
