import ArgumentParser

/// How a table fits its terminal.
struct TableOptions: ParsableArguments {
    @Flag(name: .customLong("no-trunc"), help: "Do not shorten cells to fit the terminal.")
    var noTruncation = false

    /// The width that rows are cut to: the terminal's. What goes anywhere else is never cut.
    var limit: Int? { noTruncation ? nil : TerminalWidth.of(StandardOutput.descriptor) }
}
