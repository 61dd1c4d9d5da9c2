import ArgumentParser

/// Whether and how long a command waits for what it asked for.
struct WaitOptions: ParsableArguments {
    @Flag(name: .customLong("no-wait"), help: "Do not wait: return once xpmd has accepted the request.")
    var noWait = false

    @Option(
        help: ArgumentHelp("Stop waiting after this time; xpmd carries on.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var timeout: Double?
}
