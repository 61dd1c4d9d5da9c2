import ArgumentParser
import XPMProtocol

extension LogPolicy.Target: ExpressibleByArgument {}

/// What becomes of a service's output.
struct LogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where its output goes (default: files).", valueName: "place")) var log:
        LogPolicy.Target?
    @Option(
        help: ArgumentHelp(
            "Rotate a log file at this size; 0 for never (default: \(Size.text(LogPolicy.defaultMaximumBytes))).",
            valueName: "size"),
        transform: { try Size.bytes($0) })
    var logMaxSize: Int64?
    @Option(
        help: ArgumentHelp(
            "Rotated files to keep (default: \(LogPolicy.defaultKeep)).", valueName: "number"))
    var logKeep: Int?

    @Option(
        help: ArgumentHelp("File for its standard output (default: a file of xpmd's own).", valueName: "file"),
        completion: .file())
    var logStdout: String?
    @Option(
        help: ArgumentHelp("File for its standard error (default: a file of xpmd's own).", valueName: "file"),
        completion: .file())
    var logStderr: String?
    @Flag(help: "Start a new log file at each start; earlier output is kept as rotated files.") var logFresh = false

    /// Nil where nothing is given.
    var policy: LogPolicy? {
        get throws(WireError) {
            let policy = LogPolicy(
                log, maximumBytes: logMaxSize, keep: logKeep, stdout: try Self.file(logStdout),
                stderr: try Self.file(logStderr), fresh: logFresh ? true : nil)
            return policy == LogPolicy() ? nil : policy
        }
    }

    private static func file(_ path: String?) throws(WireError) -> String? {
        guard let path else { return nil }
        return try Caller.absolute(path)
    }
}
