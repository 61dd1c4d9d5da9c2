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

    /// Nil where nothing is given.
    var policy: LogPolicy? {
        let policy = LogPolicy(log, maximumBytes: logMaxSize, keep: logKeep)
        return policy == LogPolicy() ? nil : policy
    }
}
