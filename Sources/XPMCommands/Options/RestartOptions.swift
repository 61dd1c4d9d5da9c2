import ArgumentParser
import XPMProtocol

extension RestartPolicy.Mode: ExpressibleByArgument {}

/// When a service is started again by itself.
struct RestartOptions: ParsableArguments {
    @Option(help: ArgumentHelp("After which ends; never where not given.", valueName: "when"))
    var restart: RestartPolicy.Mode?
    @Option(
        help: ArgumentHelp(
            "Before the first restart, doubled with each further one; \(Span.text(seconds: RestartPolicy.defaultDelaySeconds)) where not given.",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var restartDelay: Double?
    @Option(
        help: ArgumentHelp(
            "The longest delay; \(Span.text(seconds: RestartPolicy.defaultMaximumDelaySeconds)) where not given.",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var restartMaxDelay: Double?
    @Option(
        help: ArgumentHelp(
            "How many restarts in a row, 0 for any number; \(RestartPolicy.defaultLimit) where not given.",
            valueName: "number"))
    var restartLimit: Int?
    @Option(
        help: ArgumentHelp(
            "After so long a run it counts anew; \(Span.text(seconds: RestartPolicy.defaultResetAfterSeconds)) where not given.",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var restartReset: Double?
    @Flag(help: "After a reboot of the machine, too, where it was meant to run.") var afterReboot = false
    @Option(
        name: .customLong("success-code"),
        help: ArgumentHelp("An exit code that is no failure, beside 0; can be repeated.", valueName: "code"))
    var successCodes: [Int32] = []

    /// Nil where nothing is given.
    var policy: RestartPolicy? {
        let policy = RestartPolicy(
            restart, delaySeconds: restartDelay, maximumDelaySeconds: restartMaxDelay, resetAfterSeconds: restartReset,
            limit: restartLimit, afterReboot: afterReboot ? true : nil)
        return policy == RestartPolicy() ? nil : policy
    }
}
