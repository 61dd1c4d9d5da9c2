import ArgumentParser

/// Which services of its run a service has to do with.
struct OrderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Service that must be running first; it is started too. For one that does its work and exits, use --requires-completed. Can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var requires: [String] = []
    @Option(
        help: ArgumentHelp(
            "Service that must finish successfully first; it is started unless it already has. Can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var requiresCompleted: [String] = []
    @Option(
        help: ArgumentHelp(
            "Service to start first; this one starts even if that fails. Can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var wants: [String] = []
    @Option(
        help: ArgumentHelp(
            "Start after this service if both are starting. Can be repeated.",
            valueName: "id"), completion: ServiceNames.ids)
    var after: [String] = []
}
