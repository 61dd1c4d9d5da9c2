import ArgumentParser

/// How data is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people.
    case table
    /// As it came over the wire.
    case json
}

/// The option of every command that prints data.
struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Output format.")
    var output: OutputFormat = .table
}
