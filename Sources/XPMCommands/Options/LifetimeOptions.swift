import ArgumentParser
import XPMProtocol

/// What becomes of a service once its run has ended.
struct LifetimeOptions: ParsableArguments {
    @Option(
        name: .customLong("lifetime"),
        help: ArgumentHelp(
            "When its run ends: keep it running, stop it, or stop it after a delay such as 10m (default: keep).",
            valueName: "keep|stop|span"),
        transform: { try Lifetime.policy($0) })
    var policy: LifetimePolicy?
}
