import ArgumentParser
import XPMProtocol

/// What becomes of a service once its run has ended.
struct LifetimeOptions: ParsableArguments {
    @Option(
        name: .customLong("lifetime"),
        help: ArgumentHelp(
            "What becomes of it when its run ends: keep it, stop it, or stop it so long after, such as 10m; keep where not given.",
            valueName: "keep|stop|span"),
        transform: { try Lifetime.policy($0) })
    var policy: LifetimePolicy?
}
