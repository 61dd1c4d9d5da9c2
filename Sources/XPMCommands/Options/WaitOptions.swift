import ArgumentParser

/// Whether and how long a command waits for what it asked for.
struct WaitOptions: ParsableArguments {
    @Flag(name: .customLong("no-wait"), help: "Return as soon as xpmd has noted it.")
    var noWait = false

    @Option(
        help: ArgumentHelp("Give up waiting after so long; nothing is undone.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var timeout: Double?
}
