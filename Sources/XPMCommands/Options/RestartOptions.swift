import ArgumentParser
import XPMProtocol

extension RestartPolicy.Mode: ExpressibleByArgument {}

/// When a service is started again by itself.
struct RestartOptions: ParsableArguments {
    @Option(help: ArgumentHelp("When to restart it (default: never).", valueName: "when"))
    var restart: RestartPolicy.Mode?
    @Option(
        help: ArgumentHelp(
            "Delay before the first restart; doubles with each further restart, and is at least 1 s after ten quick ones (default: \(Span.text(seconds: RestartPolicy.defaultDelaySeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var restartDelay: Double?
    @Option(
        help: ArgumentHelp(
            "Maximum restart delay (default: \(Span.text(seconds: RestartPolicy.defaultMaximumDelaySeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var restartMaxDelay: Double?
    @Option(
        help: ArgumentHelp(
            "Give up after this many restarts in a row; 0 for no limit (default: \(RestartPolicy.defaultLimit)).",
            valueName: "number"))
    var restartLimit: Int?
    @Option(
        help: ArgumentHelp(
            "Running this long resets the restart counter (default: \(Span.text(seconds: RestartPolicy.defaultResetAfterSeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var restartReset: Double?
    @Flag(help: "Start it again after a reboot, if it was meant to run.") var afterReboot = false
    @Option(
        name: .customLong("success-code"),
        help: ArgumentHelp("An exit code besides 0 that counts as success; can be repeated.", valueName: "code"))
    var successCodes: [Int32] = []

    @Option(
        help: ArgumentHelp(
            "Run this command after each failure, with XPM_FAILURE_* in its environment; no shell.",
            valueName: "command"),
        transform: { try CommandWords.split($0) })
    var onFailure: [String]?

    /// Nil where nothing is given.
    var policy: RestartPolicy? {
        let policy = RestartPolicy(
            restart, delaySeconds: restartDelay, maximumDelaySeconds: restartMaxDelay, resetAfterSeconds: restartReset,
            limit: restartLimit, afterReboot: afterReboot ? true : nil)
        return policy == RestartPolicy() ? nil : policy
    }
}
