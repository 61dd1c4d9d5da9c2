import ArgumentParser

/// Whether and how long a command waits for what it asked for.
struct WaitOptions: ParsableArguments {
    @Flag(name: .customLong("no-wait"), help: "Return as soon as xpmd has noted it.")
    var noWait = false

    @Option(help: ArgumentHelp("Give up waiting after so many seconds; nothing is undone.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        if let timeout, !(timeout >= 0 && timeout.isFinite) {
            throw ValidationError("--timeout takes a number of seconds from 0 on")
        }
    }
}
