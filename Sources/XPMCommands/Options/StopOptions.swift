import ArgumentParser
import XPMProtocol

/// How a service is ended.
struct StopOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Stop signal: a name or a number (default: TERM).", valueName: "signal"),
        completion: ServiceNames.signals)
    var stopSignal: String?
    @Option(
        help: ArgumentHelp("Stop it with this command instead of a signal; no shell.", valueName: "command"),
        transform: { try CommandWords.split($0) })
    var stopCommand: [String]?
    @Option(
        help: ArgumentHelp(
            "Grace period before SIGKILL (default: \(Span.text(seconds: StopPolicy.defaultGraceSeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var grace: Double?

    /// Nil where nothing is given.
    var policy: StopPolicy? {
        guard stopSignal != nil || stopCommand != nil || grace != nil else { return nil }
        return StopPolicy(
            signal: stopSignal.map { SignalName.number($0).map(SignalName.text) ?? $0 }, command: stopCommand,
            graceSeconds: grace)
    }
}
