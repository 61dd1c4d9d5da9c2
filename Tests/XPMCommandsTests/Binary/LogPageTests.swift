import ScriptedDaemon
import Synchronization
import Testing
import XPMProtocol

/// `xpmctl logs` with an xpmd that gives pages.
struct LogPageTests {
    private static let name = "my_experiment@20261122_101500:"
    private static let web = "my_experiment:web"

    private static func line(
        _ stream: ServiceLogs.Stream, _ milliseconds: Int64, _ text: String, attempt: UInt64 = 1,
        _ change: (inout ServiceLogs.Entry) -> Void = { _ in }
    ) -> ServiceLogs.Entry {
        var entry = ServiceLogs.Entry(stream, attempt: attempt, microseconds: milliseconds * 1000 + 7, text: text)
        change(&entry)
        return entry
    }

    /// Answers questions for logs by `pages`; services are there under any name.
    private static func with(
        _ pages: @escaping @Sendable (ServiceLogs) -> [ScriptedDaemon.Action],
        ended: @escaping @Sendable () -> [ScriptedDaemon.Action] = { [] },
        _ body: (Xpmctl) async throws -> Void
    ) async throws {
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.get":
                let id = (try? call.parameters(GetService.self).service.id) ?? ""
                return [
                    .reply(
                        GetService.Reply(
                            service: Samples.service(id, .running), definition: ServiceDefinition(run: .composite)))
                ]
            case "service.logs": return (try? call.parameters(ServiceLogs.self)).map(pages) ?? []
            case "service.clear_logs":
                let id = (try? call.parameters(ClearServiceLogs.self).service.id) ?? ""
                return [.reply(ClearServiceLogs.Reply(paths: ["/logs/\(id)/out.log", "/logs/\(id)/err.log"]))]
            case "service.wait": return ended()
            default: return []
            }
        }) { (xpmctl: Xpmctl) async throws in try await body(xpmctl) }
    }

    private static func page(
        _ entries: [ServiceLogs.Entry], _ cursor: String = "c", more: Bool = false
    ) -> [ScriptedDaemon.Action] {
        [.reply(ServiceLogs.Page(entries, attempts: [.init(1)], cursor: cursor, more: more))]
    }

    private static func asked(_ xpmctl: Xpmctl) throws -> [ServiceLogs] {
        try xpmctl.daemon.calls.filter { $0.method == "service.logs" }.map { try $0.parameters(ServiceLogs.self) }
    }

    @Test func bothLogsAreInOneOrderAndExactlyTimed() async throws {
        let entries = [
            Self.line(.stdout, 0, "one"), Self.line(.stderr, 1, "oops \u{1b}[2J"), Self.line(.stdout, 250, "1%\r2%"),
            Self.line(.stderr, 251, "half") { $0.isOpen = true },
        ]
        try await Self.with({ _ in Self.page(entries) }) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("logs", Self.web) == .init(code: 0, out: "one\noops \u{1b}[2J\n2%\nhalf", err: ""))
            #expect(try await xpmctl.run("logs", Self.web, "--raw").out == "one\noops \u{1b}[2J\n1%\r2%\nhalf")
            #expect(
                try await xpmctl.run("logs", Self.web, "-t", "--utc").out == """
                    1970-01-01T00:00:00.000Z one
                    1970-01-01T00:00:00.001Z oops \u{1b}[2J
                    1970-01-01T00:00:00.250Z 2%
                    1970-01-01T00:00:00.251Z half
                    """)
            let asked = try #require(try Self.asked(xpmctl).first)
            #expect(asked.streams == [.stdout, .stderr] && asked.lines == 100 && asked.partial == true)
        }
    }

    @Test func whatIsWantedIsAskedFor() async throws {
        try await Self.with({ _ in Self.page([]) }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run(
                "logs", Self.web, "--stderr", "-n", "7", "--since", "1970-01-01T00:00:01Z", "--until",
                "1970-01-01T00:00:02Z", "--grep", "(?i)error", "--attempt", "12")
            // Attempts have numbers over all services: whoever means the service's own is told.
            let told = "the log of my_experiment@20261122_101500:web has no such line of attempt 12; it has not run yet"
            #expect(result == .init(code: 0, out: "", err: "xpmctl: \(told)\n"))
            _ = try await xpmctl.run("logs", Self.web, "--last-attempt", "--since", "1970-01-01T00:00:01Z")
            let asked = try Self.asked(xpmctl)
            var first = ServiceLogs(asked[0].service, streams: [.stderr], lines: 7)
            (first.since, first.until) = (Timestamp(milliseconds: 1000), Timestamp(milliseconds: 2000))
            (first.grep, first.attempt, first.partial) = ("(?i)error", 12, true)
            #expect(asked[0] == first)
            #expect(asked[1].lastAttempt == true && asked[1].lines == nil && asked[1].since != nil)
            for words in [
                "--attempt 1 --last-attempt", "--attempt x", "--raw -o json", "--clear -f", "--clear --stdout",
            ] {
                let words = words.split(separator: " ").map(String.init)
                #expect(try await xpmctl.begin(["logs", Self.web] + words).end().code == 64, "\(words)")
            }
        }
    }

    @Test func pagesAreAskedForWhileThereIsMore() async throws {
        try await Self.with({ request in
            switch request.cursor {
            case nil: Self.page([], "a", more: true)
            case "a": Self.page([Self.line(.stdout, 1, "be") { $0.isOpen = true }], "b", more: true)
            case "b": Self.page([Self.line(.stdout, 1, "gins") { $0.continues = true }], "c")
            default: []
            }
        }) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("logs", Self.web, "-n", "3").out == "begins\n")
            let asked = try Self.asked(xpmctl)
            #expect(asked.map(\.cursor) == [nil, "a", "b"] && asked.map(\.lines) == [3, nil, nil])
            #expect(asked.allSatisfy { $0.waitSeconds == nil })
        }
    }

    @Test func linesOfSeveralServicesAreInTheOrderOfTheirTimes() async throws {
        try await Self.with({ request in
            let times: [Int64] = request.service.id == "web" ? [1, 4, 3, 6] : [2, 5]
            let place = request.cursor.flatMap { Int($0) } ?? 0
            let entries = times[place...].prefix(2).map { Self.line(.stdout, $0, "\($0)") }
            return Self.page(entries, "\(place + 2)", more: place + 2 < times.count)
        }) { (xpmctl: Xpmctl) async throws in
            // What a clock that was set has made of the order of one service stays.
            let out = ["web  | 1", "db   | 2", "web  | 4", "web  | 3", "db   | 5", "web  | 6"]
            #expect(try await xpmctl.run("logs", Self.web, "my_experiment:db").out == out.map { "\($0)\n" }.joined())
        }
    }

    @Test func followerGoesOnOverALostConnectionToTheEndOfTheService() async throws {
        let ended = Samples.service("web", .error) { ($0.attempt, $0.error) = (3, "exited with code 1") }
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.get":
                return [
                    .reply(
                        GetService.Reply(
                            service: Samples.service("web", .running), definition: ServiceDefinition(run: .composite)))
                ]
            case "service.wait": return call.connection == 2 ? [] : [.reply(ended)]
            case "service.logs":
                guard let request = try? call.parameters(ServiceLogs.self) else { return [.drop] }
                switch request.cursor {
                case nil: return Self.page([Self.line(.stdout, 1, "one")], "a")
                case "a": return call.connection == 2 ? [.drop] : Self.page([Self.line(.stderr, 2, "two")], "b")
                case "b" where request.waitSeconds == nil:
                    return Self.page([Self.line(.stdout, 3, "three") { $0.isOpen = true }], "c")
                // What waits is not answered; at the end it is asked again, without waiting.
                default: return request.waitSeconds == nil ? Self.page([], "c") : []
                }
            default: return []
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("logs", "-f", Self.web)
            #expect(result.code == 0 && result.out == "one\ntwo\nthree", "\(result)")
            #expect(result.err == "xpmctl: \(Self.name)web has ended: ERROR, exited with code 1\n")
            let waits = try Self.asked(xpmctl).compactMap(\.waitSeconds)
            #expect(!waits.isEmpty && waits.allSatisfy { $0 > 0 && $0 <= 60 })
        }
    }

    /// What waited is answered late, with nothing, and only then what was asked for at the end.
    @Test func anAnswerOfBeforeTheEndIsNotTheLast() async throws {
        let waiting = Mutex<RequestID?>(nil)
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.get":
                return [
                    .reply(
                        GetService.Reply(
                            service: Samples.service("web", .running), definition: ServiceDefinition(run: .composite)))
                ]
            case "service.wait": return [.reply(Samples.service("web", .stopped) { $0.attempt = 3 })]
            case "service.logs":
                guard let request = try? call.parameters(ServiceLogs.self) else { return [.drop] }
                if request.cursor == nil { return Self.page([Self.line(.stdout, 1, "one")], "a") }
                if request.waitSeconds != nil {
                    waiting.withLock { $0 = call.id }
                    return []
                }
                guard request.cursor == "a" else { return Self.page([], "b") }
                let late = waiting.withLock { id in
                    defer { id = nil }
                    return id
                }
                let nothing = ServiceLogs.Page([], cursor: "a")
                return (late.map { [.bytes(ScriptedDaemon.frame($0, "result", nothing))] } ?? [])
                    + Self.page([Self.line(.stdout, 2, "last")], "b")
            default: return []
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("logs", "-f", Self.web)
            #expect(result.code == 0 && result.out == "one\nlast\n", "\(result)")
            #expect(waiting.withLock { $0 } == nil)
        }
    }

    @Test func programsGetAnObjectForEachLine() async throws {
        let entries = [
            Self.line(.stdout, 0, "one", attempt: 3),
            Self.line(.stderr, 1500, "[xpmd: dropped]", attempt: 3) { ($0.isNote, $0.dropped) = (true, 2) },
        ]
        try await Self.with({ _ in Self.page(entries) }) { (xpmctl: Xpmctl) async throws in
            let out = try await xpmctl.run("logs", Self.web, "-o", "json").out
            let name = "\(Self.name)web"
            #expect(
                out == """
                    {"at":"1970-01-01T00:00:00.000Z","at_us":7,"attempt":3,"service":"\(name)","stream":"stdout","text":"one"}
                    {"at":"1970-01-01T00:00:01.500Z","at_us":1500007,"attempt":3,"dropped":2,"note":true,\
                    "service":"\(name)","stream":"stderr","text":"[xpmd: dropped]"}

                    """)
        }
    }

    /// Standard output has nothing but lines, for `xpmctl logs X | grep`.
    @Test func whatIsMissingIsToldOnStandardError() async throws {
        try await Self.with({ request in
            var page = ServiceLogs.Page(
                [
                    Self.line(.stdout, 0, "a"), Self.line(.stdout, 1, "b", attempt: 2) { $0.dropped = 1234 },
                    Self.line(.stdout, 2, "[xpmd: 5]", attempt: 2) { ($0.isNote, $0.dropped) = (true, 5) },
                ], attempts: [.init(1), .init(2)], cursor: "c", more: request.cursor == nil,
                faults: ["the times of /l are damaged"])
            if request.cursor != nil {
                (page.entries, page.lost) = ([], [.init(.stdout, bytes: 2048), .init(.stderr)])
            }
            return [.reply(page)]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("logs", Self.web, "--utc")
            #expect(result.code == 0 && result.out == "a\nb\n[xpmd: 5]\n")
            let name = "warning: \(Self.name)web: "
            #expect(
                result.err == """
                    \(name)the times of /l are damaged
                    \(name)1,234 lines of stdout dropped before 1970-01-01T00:00:00.001Z
                    \(name)2 KiB of stdout is gone: rotated away or cleared before it was read
                    \(name)a part of stderr is gone: rotated away or cleared before it was read

                    """)
        }
    }

    @Test func whatAnOlderXpmdCannotDoIsSaid() async throws {
        try await Xpmctl.withoutPages({ call in
            call.method == "service.get"
                ? [
                    .reply(
                        GetService.Reply(
                            service: Samples.service("web", .running), definition: ServiceDefinition(run: .composite)))
                ]
                : [
                    call.method == "service.logs"
                        ? .reply(ServiceLogs.Piece(text: "old\n", next: 4, path: "/l"))
                        : .refuse(WireError(.unknownMethod, "cannot do it"))
                ]
        }) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("logs", Self.web, "--stdout", "--last-attempt").out == "old\n")
            #expect(try Self.asked(xpmctl).last?.lastAttempt == true && Self.asked(xpmctl).last?.stream == .stdout)
            for (words, option) in [
                (["--grep", "x"], "--grep"), (["--attempt", "1"], "--attempt"), (["-o", "json"], "--output json"),
            ] {
                let result = try await xpmctl.begin(["logs", Self.web] + words).end()
                #expect(result.code == ErrorCode.unsupported.exitCode && result.out == "")
                #expect(result.err.contains("cannot use \(option): this xpmd is older than xpmctl"))
                #expect(result.err.contains("hint: restart xpmd after an upgrade"))
            }
            let cleared = try await xpmctl.run("logs", Self.web, "--clear")
            #expect(cleared.code == 1 && cleared.err.contains("hint: restart xpmd after an upgrade"))
        }
    }

    @Test func aRefusedPatternIsNotTakenForAnOlderXpmd() async throws {
        try await Self.with({ request in
            request.grep == nil
                ? Self.page([]) : [.refuse(WireError(.invalidParameters, "cannot read the pattern '(': it has no end"))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("logs", Self.web, "--grep", "(")
            #expect(result.code == 10 && result.err.contains("cannot read the pattern '('"), "\(result)")
        }
    }

    @Test func logsAreClearedWithoutAQuestion() async throws {
        try await Self.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let told = ["web", "db"].map { "\($0): cleared /logs/\($0)/out.log /logs/\($0)/err.log\n" }.joined()
            #expect(try await xpmctl.run("logs", "--clear", "web", "db") == .init(code: 0, out: "", err: told))
            let json = try await xpmctl.run("logs", "--clear", "web", "-o", "json").out
            #expect(json == #"{"paths":["/logs/web/out.log","/logs/web/err.log"]}"# + "\n")
            // What changes a service does not reach into another folder.
            let asked = try xpmctl.daemon.calls.map { try $0.parameters(ClearServiceLogs.self).service.here }
            #expect(asked == [true, true, true])
        }
    }
}
