import ArgumentParser

/// How long processes have to end this time.
struct EndingOptions: ParsableArguments {
    @Flag(help: "Send SIGKILL at once, even if it is already stopping.") var force = false
    @Option(
        help: ArgumentHelp(
            "Grace period before SIGKILL (default: the service's own).", valueName: "span"),
        transform: { try Span.seconds($0) })
    var grace: Double?

    func validate() throws {
        if force, grace != nil { throw ValidationError("--force gives no grace: use it or --grace, not both") }
    }

    /// As the protocol has it.
    var isForced: Bool? { force ? true : nil }
}
