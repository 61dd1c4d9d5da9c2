import ArgumentParser

/// Which services of its run a service has to do with.
struct OrderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A service of the same run that it depends on: started too, RUNNING before it, stopped after it. If it does its work and ends, use --requires-completed; can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var requires: [String] = []
    @Option(
        help: ArgumentHelp(
            "A service of the same run that has to end with success first; it is started, unless its last run did; can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var requiresCompleted: [String] = []
    @Option(
        help: ArgumentHelp(
            "A service of the same run to start too, and first; this one starts even if that fails; can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var wants: [String] = []
    @Option(
        help: ArgumentHelp(
            "Start after this service of the same run, if that one is starting too; can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var after: [String] = []
}
