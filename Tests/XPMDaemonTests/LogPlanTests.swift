import Testing
import XPMLogs
import XPMProtocol

@testable import XPMDaemon

/// What a definition says of its output, decided.
@Suite struct LogPlanTests {
    private func plan(
        _ log: LogPolicy?, tty: TerminalPolicy? = nil, readiness: Readiness? = nil, environment: [String: String] = [:]
    ) throws -> ServicePlan {
        try ServicePlan(
            ServiceDefinition(
                run: .command(["a"]), environment: environment, readiness: readiness, log: log, tty: tty),
            id: "board", workspace: "/ws", templates: TemplateShelf(folders: []), own: [:])
    }

    private static let usual = RotationPolicy(size: 64 << 20, age: 0, count: 4)

    @Test(
        arguments: [
            (nil, usual), (LogPolicy(maximumBytes: 0), RotationPolicy(size: 0, age: 0, count: 4)),
            (LogPolicy(maximumAgeSeconds: 0), usual),
            (LogPolicy(maximumAgeSeconds: 60, keep: 0), RotationPolicy(size: 64 << 20, age: 60, count: 0)),
            (LogPolicy(maximumAgeSeconds: 90.25), RotationPolicy(size: 64 << 20, age: 91, count: 4)),
            (LogPolicy(maximumAgeSeconds: 315_360_000), RotationPolicy(size: 64 << 20, age: 315_360_000, count: 4)),
            (LogPolicy(fresh: true), RotationPolicy(size: 64 << 20, age: 0, count: 4, rotatesAtStart: true)),
            (LogPolicy(stderr: "/dev/null"), usual), (LogPolicy(stdout: "/dev/null", stderr: "/dev/null"), nil),
            (LogPolicy(.direct), nil), (LogPolicy(.journal), nil), (LogPolicy(.null), nil),
            (LogPolicy(.null, fresh: true), nil),
        ] as [(LogPolicy?, RotationPolicy?)])
    func filesAreRotatedAsThePolicySays(policy: LogPolicy?, rotation: RotationPolicy?) throws {
        #expect(try plan(policy).log.rotation == rotation)
    }

    @Test(
        arguments: [
            (59.9, "after 59.9 s"), (-1, "after -1 s"), (1, "after 1 s"), (315_360_001, "after 315360001 s"),
            (.nan, "after nan s"), (.infinity, "after inf s"), (1e300, "after 1e+300 s"),
        ] as [(Double, String)])
    func agesOutOfBoundsAreRefused(seconds: Double, words: String) {
        let error = #expect(throws: WireError.self) { try plan(LogPolicy(maximumAgeSeconds: seconds)) }
        #expect(error?.code == .invalidParameters && error?.data["parameter"] == "definition.log.max_age_s")
        #expect(
            error?.message.hasPrefix("cannot rotate a log \(words): it must be 60 to") == true,
            "\(error?.message ?? "")")
    }

    @Test(arguments: [
        (LogPolicy(.direct, maximumBytes: 0), "log.max_bytes"),
        (LogPolicy(.direct, maximumAgeSeconds: 0), "log.max_age_s"),
        (LogPolicy(.direct, keep: 4), "log.keep"), (LogPolicy(.direct, fresh: true), "log.fresh"),
    ])
    func filesOfTheServicesOwnAreNobodysToRotate(policy: LogPolicy, wish: String) {
        let error = #expect(throws: WireError.self) { try plan(policy) }
        #expect(error?.code == .invalidParameters && error?.data["parameter"] == .string("definition.\(wish)"))
        #expect(error?.message.hasPrefix("cannot use \(wish) with log.to direct: ") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["/x/a.log.times", "/x/b/../.times"]) func filesOfTimesAreNoLogs(path: String) {
        let error = #expect(throws: WireError.self) { try plan(LogPolicy(stderr: path)) }
        #expect(error?.message.contains("xpmd keeps the times of a log's lines in files with that ending") == true)
    }

    @Test func filesOfTheServicesOwnMayBeAnywhere() throws {
        let log = try plan(LogPolicy(.direct, stdout: "/logs/out", fresh: false)).log
        #expect(log.target == .direct && log.stdout == "/logs/out" && log.unread(.both) == nil)
    }

    @Test(
        arguments: [
            (nil, nil), (.off, nil), (.on, TerminalSize(columns: 120, rows: 40)),
            (.sized(columns: 80, rows: nil), TerminalSize(columns: 80, rows: 40)),
            (.sized(columns: 1, rows: 1000), TerminalSize(columns: 1, rows: 1000)),
        ] as [(TerminalPolicy?, TerminalSize?)])
    func terminalHasTheSizeThatIsAskedFor(policy: TerminalPolicy?, size: TerminalSize?) throws {
        let plan = try plan(nil, tty: policy)
        #expect(plan.log.terminal == size && plan.log.rotation == Self.usual)
        #expect(plan.environment == (size == nil ? [:] : ["TERM": "xterm-256color"]))
    }

    @Test func terminalHasTheLogOfStandardOutput() throws {
        let own = LogPaths(stdout: "/s/out", stderr: "/s/err")
        let logs = own.replaced(by: try plan(nil, tty: .on).log)
        #expect(logs == LogPaths(stdout: "/s/out", stderr: "/s/out"))
        let elsewhere = own.replaced(by: try plan(LogPolicy(stdout: "/x/./log"), tty: .on).log)
        #expect(elsewhere == LogPaths(stdout: "/x/log", stderr: "/x/log"))
        #expect(own.replaced(by: try plan(nil, tty: .off).log) == own)
    }

    @Test func kindOfTerminalIsTheServicesOwnWhereItHasOne() throws {
        let plan = try plan(nil, tty: .on, environment: ["TERM": "dumb"])
        #expect(plan.environment == ["TERM": "dumb"])
    }

    @Test(
        arguments: [
            (.sized(columns: 0, rows: nil), "definition.tty.columns"),
            (.sized(columns: 1001, rows: 5), "definition.tty.columns"),
            (.sized(columns: nil, rows: -1), "definition.tty.rows"),
            (.sized(columns: 80, rows: .max), "definition.tty.rows"),
        ] as [(TerminalPolicy, String)])
    func sizesOutOfBoundsAreRefused(policy: TerminalPolicy, parameter: String) {
        let error = #expect(throws: WireError.self) { try plan(nil, tty: policy) }
        #expect(error?.code == .invalidParameters && error?.data["parameter"] == .string(parameter))
        #expect(error?.message.hasPrefix("cannot make a terminal of ") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        (LogPolicy(.journal), "cannot use tty with log.to journal: "),
        (LogPolicy(.null), "cannot use tty with log.to null: "),
        (LogPolicy(.direct), "cannot use tty with log.to direct: "),
        (LogPolicy(stderr: "/x"), "cannot use tty with log.stderr: "),
        (LogPolicy(stdout: "/dev/null"), "cannot use tty with a log.stdout of /dev/null: "),
    ])
    func terminalNeedsAFileThatXpmdWrites(policy: LogPolicy, words: String) {
        let error = #expect(throws: WireError.self) { try plan(policy, tty: .on) }
        #expect(error?.code == .invalidParameters && error?.data["parameter"] == "definition.tty")
        #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
        #expect(throws: Never.self) { try plan(policy, tty: .off) }
    }

    @Test(arguments: [LogPattern.Stream.stdout, .both])
    func linesOfATerminalAreAwaitedInItsLog(stream: LogPattern.Stream) throws {
        let wish = Readiness(log: LogPattern("up", stream: stream))
        #expect(try plan(nil, tty: .on, readiness: wish).readiness?.line?.stream == stream)
    }

    @Test func linesOfStandardErrorAloneAreNotAwaitedOnATerminal() {
        let wish = Readiness(log: LogPattern("up", stream: .stderr))
        let error = #expect(throws: WireError.self) { try plan(nil, tty: .on, readiness: wish) }
        #expect(error?.code == .invalidParameters)
        #expect(
            error?.message
                == "cannot wait for a line of the log of 'board': its standard error goes to its terminal (tty), whose lines are all in the log of stdout"
        )
        #expect(throws: Never.self) { try plan(nil, tty: .off, readiness: wish) }
    }

    @Test func effectiveDefinitionSaysWhatIsDecided() throws {
        let definition = ServiceDefinition(run: .command(["a"]), tty: .sized(columns: nil, rows: 50))
        let plan = try ServicePlan(
            definition, id: "board", workspace: "/ws", templates: TemplateShelf(folders: []), own: [:])
        let whole = plan.effective(definition, command: "/bin/a", names: [:], port: nil)
        #expect(whole.tty == .sized(columns: 120, rows: 50) && whole.environment?["TERM"] == "xterm-256color")
        #expect(whole.log == LogPolicy(.files, maximumBytes: 64 << 20, maximumAgeSeconds: 0, keep: 4))
        let direct = ServiceDefinition(run: .command(["a"]), log: LogPolicy(.direct))
        let other = try ServicePlan(
            direct, id: "board", workspace: "/ws", templates: TemplateShelf(folders: []), own: [:]
        ).effective(direct, command: nil, names: [:], port: nil)
        #expect(other.tty == .off && other.log == LogPolicy(.direct))
    }
}
