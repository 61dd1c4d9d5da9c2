import ArgumentParser

/// How long processes have to end this time.
struct EndingOptions: ParsableArguments {
    @Flag(help: "Send SIGKILL at once, also to what is still stopping.") var force = false
    @Option(
        help: ArgumentHelp(
            "Time its processes have to end before SIGKILL (default: the service's own grace).", valueName: "span"),
        transform: { try Span.seconds($0) })
    var grace: Double?

    func validate() throws {
        if force, grace != nil { throw ValidationError("--force gives no grace: use it or --grace, not both") }
    }

    /// As the protocol has it.
    var isForced: Bool? { force ? true : nil }
}
