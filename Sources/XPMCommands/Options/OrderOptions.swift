import ArgumentParser

/// Which services of its run a service has to do with.
struct OrderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A service of the same run that it cannot be without: started with it and ready before it, ended after it; can be repeated.",
            valueName: "id"))
    var requires: [String] = []
    @Option(
        help: ArgumentHelp(
            "A service of the same run that it waits for where that one is starting, too; can be repeated.",
            valueName: "id"))
    var after: [String] = []
}
