import ArgumentParser
import XPMProtocol

extension HealthPolicy.Action: ExpressibleByArgument {}

/// How a running service is watched.
struct HealthOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Check a page: a URL, or a path of the service's own URL.", valueName: "url"))
    var healthHttp: String?
    @Option(
        help: ArgumentHelp(
            "Check that a port accepts connections (default host: 127.0.0.1 and ::1).", valueName: "[host:]port"),
        transform: { try TCPProbe(option: $0) })
    var healthTcp: TCPProbe?
    @Option(
        help: ArgumentHelp("Check that a Unix socket accepts connections.", valueName: "path"), completion: .file(),
        transform: { try LocalPath.checked($0) })
    var healthUnix: String?
    @Option(
        help: ArgumentHelp("Check that a command exits with 0; no shell.", valueName: "command"),
        transform: { try CommandWords.split($0) })
    var healthCommand: [String]?
    @Option(
        help: ArgumentHelp("Time before the first check (default: the interval).", valueName: "span"),
        transform: { try Span.seconds($0) })
    var healthDelay: Double?
    @Option(
        help: ArgumentHelp(
            "Successful checks in a row that make it healthy again (default: 1).", valueName: "number"))
    var healthSuccesses: Int?
    @Flag(help: "Let a process that is not the service's answer, such as a proxy.") var healthAnyListener = false
    @Option(
        help: ArgumentHelp(
            "Time between two checks (default: \(Span.text(seconds: HealthPolicy.defaultIntervalSeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var healthInterval: Double?
    @Option(
        help: ArgumentHelp(
            "Timeout of one check (default: \(Span.text(seconds: HealthPolicy.defaultTimeoutSeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var healthTimeout: Double?
    @Option(
        help: ArgumentHelp(
            "Failed checks in a row that make it unhealthy (default: \(HealthPolicy.defaultThreshold)).",
            valueName: "number"
        ))
    var healthThreshold: Int?
    @Option(help: ArgumentHelp("What to do when it is unhealthy (default: report).", valueName: "action"))
    var healthAction: HealthPolicy.Action?
    @Option(
        help: ArgumentHelp(
            "Fail it if it does not send WATCHDOG=1 (sd_notify) at least this often.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var watchdog: Double?

    /// Nil where nothing is given.
    var policy: HealthPolicy? {
        let policy = HealthPolicy(
            http: healthHttp.map { HTTPProbe(option: $0) }, tcp: healthTcp,
            unix: healthUnix.map { UnixProbe(path: Caller.atHome($0)) },
            command: healthCommand.map { CommandProbe($0) }, initialDelaySeconds: healthDelay,
            successes: healthSuccesses, anyListener: healthAnyListener ? true : nil, intervalSeconds: healthInterval,
            timeoutSeconds: healthTimeout, threshold: healthThreshold, action: healthAction)
        return policy == HealthPolicy() ? nil : policy
    }

    func validate() throws {
        let hasProbe = healthHttp != nil || healthTcp != nil || healthUnix != nil || healthCommand != nil
        guard policy == nil || hasProbe else {
            throw ValidationError(
                "a health check needs --health-http, --health-tcp, --health-unix or --health-command")
        }
    }
}
