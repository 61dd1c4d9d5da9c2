import ArgumentParser

/// Which services of its run a service has to do with.
struct OrderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A service of the same run that it depends on: started and ready before it, stopped after it; can be repeated.",
            valueName: "id"))
    var requires: [String] = []
    @Option(
        help: ArgumentHelp(
            "Start after this service of the same run, if that one is starting too; can be repeated.",
            valueName: "id"))
    var after: [String] = []
}
