import ArgumentParser

/// How a table fits its terminal.
struct TableOptions: ParsableArguments {
    @Flag(name: .customLong("no-trunc"), help: "Print all of each cell, however narrow the terminal is.")
    var noTruncation = false

    /// The width that rows are cut to: the terminal's. What goes anywhere else is never cut.
    var limit: Int? { noTruncation ? nil : TerminalWidth.of(StandardOutput.descriptor) }
}
