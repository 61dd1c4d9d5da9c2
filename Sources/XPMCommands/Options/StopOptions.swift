import ArgumentParser
import XPMProtocol

/// How a service is ended.
struct StopOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The signal that asks it to end; TERM where not given.", valueName: "signal"))
    var stopSignal: String?
    @Option(
        help: ArgumentHelp("A command that makes it end, in place of the signal; no shell.", valueName: "command"),
        transform: { try CommandWords.split($0) })
    var stopCommand: [String]?
    @Option(
        help: ArgumentHelp(
            "How long it may take to end before it is killed; \(Span.text(seconds: StopPolicy.defaultGraceSeconds)) where not given.",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var grace: Double?

    /// Nil where nothing is given.
    var policy: StopPolicy? {
        guard stopSignal != nil || stopCommand != nil || grace != nil else { return nil }
        return StopPolicy(
            signal: stopSignal.map { $0.hasPrefix("SIG") ? $0 : "SIG\($0)" }, command: stopCommand, graceSeconds: grace)
    }
}
