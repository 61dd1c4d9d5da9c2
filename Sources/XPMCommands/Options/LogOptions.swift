import ArgumentParser
import XPMProtocol

extension LogPolicy.Target: ExpressibleByArgument {}

/// What becomes of a service's output.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where its output goes; with direct it writes the files itself, null discards it (default: files).",
            valueName: "place"))
    var log: LogPolicy.Target?
    @Option(
        help: ArgumentHelp(
            "Rotate a log file at this size; 0 for never (default: \(Size.text(LogPolicy.defaultMaximumBytes))).",
            valueName: "size"),
        transform: { try Size.bytes($0) })
    var logMaxSize: Int64?
    @Option(
        help: ArgumentHelp("Rotate a log file at this age, such as 1d; 0 for never (default: 0).", valueName: "time"),
        transform: { try Span.seconds($0) })
    var logMaxAge: Double?
    @Option(
        help: ArgumentHelp(
            "Rotated files to keep (default: \(LogPolicy.defaultKeep)).", valueName: "number"))
    var logKeep: Int?

    @Option(
        help: ArgumentHelp("File for its standard output (default: a file of xpmd's own).", valueName: "file"),
        completion: .file(), transform: { try LocalPath.checked($0) })
    var logStdout: String?
    @Option(
        help: ArgumentHelp("File for its standard error (default: a file of xpmd's own).", valueName: "file"),
        completion: .file(), transform: { try LocalPath.checked($0) })
    var logStderr: String?
    @Flag(help: "Start a new log file at each start; earlier output is kept as rotated files.") var logFresh = false
    @Flag(
        inversion: .prefixedNo,
        help: "Give it a terminal for its output, so that it shows colors and progress; it then has one log.")
    var tty: Bool?
    @Option(
        help: ArgumentHelp(
            "The size of its terminal (default: \(TerminalText.usual)); implies --tty.", valueName: "columnsxrows"),
        transform: { try TerminalText.policy($0) })
    var ttySize: TerminalPolicy?

    func validate() throws {
        if tty == false, ttySize != nil { throw ValidationError("--tty-size cannot be used with --no-tty") }
        if let log, let option = options(notFor: log) {
            throw ValidationError("\(option) cannot be used with --log \(log.rawValue): \(Self.reason(log))")
        }
        if terminal?.isOn == true, logStderr != nil {
            throw ValidationError(
                "--log-stderr cannot be used with --tty: a terminal has one log, that of --log-stdout")
        }
    }

    /// The first option that makes no sense where the output goes to `target`.
    private func options(notFor target: LogPolicy.Target) -> String? {
        let terminal = ("--tty", self.terminal?.isOn == true)
        let files = [("--log-stdout", logStdout != nil), ("--log-stderr", logStderr != nil)]
        let rotation = [
            ("--log-max-size", logMaxSize != nil), ("--log-max-age", logMaxAge != nil), ("--log-keep", logKeep != nil),
            ("--log-fresh", logFresh),
        ]
        let wishes =
            switch target {
            case .files: [(String, Bool)]()
            case .direct: [terminal] + rotation
            case .journal, .null: [terminal] + files + rotation
            }
        return wishes.first(where: \.1)?.0
    }

    private static func reason(_ target: LogPolicy.Target) -> String {
        switch target {
        case .files, .direct: "the service writes its files itself"
        case .journal: "the journal keeps the output"
        case .null: "the output is discarded"
        }
    }

    /// Nil where nothing is given.
    var policy: LogPolicy? {
        let policy = LogPolicy(
            log, maximumBytes: logMaxSize, maximumAgeSeconds: logMaxAge, keep: logKeep,
            stdout: logStdout.map { Caller.absolute($0) }, stderr: logStderr.map { Caller.absolute($0) },
            fresh: logFresh ? true : nil)
        return policy == LogPolicy() ? nil : policy
    }

    /// Nil where nothing is said of a terminal.
    var terminal: TerminalPolicy? { ttySize ?? tty.map { $0 ? .on : .off } }
}
