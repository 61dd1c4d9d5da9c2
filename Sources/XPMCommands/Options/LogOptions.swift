import ArgumentParser
import XPMProtocol

extension LogPolicy.Target: ExpressibleByArgument {}

/// What becomes of a service's output.
struct LogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where it goes; files where not given.", valueName: "place")) var log: LogPolicy.Target?
    @Option(
        help: ArgumentHelp(
            "The size at which a file is rotated, 0 for never; \(Size.text(LogPolicy.defaultMaximumBytes)) where not given.",
            valueName: "size"),
        transform: { try Size.bytes($0) })
    var logMaxSize: Int64?
    @Option(
        help: ArgumentHelp(
            "How many rotated files are kept; \(LogPolicy.defaultKeep) where not given.", valueName: "number"))
    var logKeep: Int?

    @Option(
        help: ArgumentHelp("The file of its standard output; one of xpmd's own where not given.", valueName: "file"),
        completion: .file())
    var logStdout: String?
    @Option(
        help: ArgumentHelp("The file of its standard error; one of xpmd's own where not given.", valueName: "file"),
        completion: .file())
    var logStderr: String?
    @Flag(help: "Begin an empty file at each start, and keep the one before as a rotated one.") var logFresh = false

    /// Nil where nothing is given.
    var policy: LogPolicy? {
        let policy = LogPolicy(
            log, maximumBytes: logMaxSize, keep: logKeep, stdout: logStdout.map { Caller.absolute($0) },
            stderr: logStderr.map { Caller.absolute($0) }, fresh: logFresh ? true : nil)
        return policy == LogPolicy() ? nil : policy
    }
}
