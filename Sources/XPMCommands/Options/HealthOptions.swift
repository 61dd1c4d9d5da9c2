import ArgumentParser
import XPMProtocol

extension HealthPolicy.Action: ExpressibleByArgument {}

/// How a running service is watched.
struct HealthOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A page must answer: a URL, or a path at its own URL.", valueName: "url"))
    var healthHttp: String?
    @Option(
        help: ArgumentHelp("A port must accept connections.", valueName: "[host:]port"),
        transform: { try TCPProbe(option: $0) })
    var healthTcp: TCPProbe?
    @Option(help: ArgumentHelp("A Unix socket must accept connections.", valueName: "path"), completion: .file())
    var healthUnix: String?
    @Option(
        help: ArgumentHelp("A command must end with code 0; no shell.", valueName: "command"),
        transform: { try CommandWords.split($0) })
    var healthCommand: [String]?
    @Option(
        help: ArgumentHelp(
            "Between two checks; \(Span.text(seconds: HealthPolicy.defaultIntervalSeconds)) where not given.",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var healthInterval: Double?
    @Option(
        help: ArgumentHelp(
            "For one check; \(Span.text(seconds: HealthPolicy.defaultTimeoutSeconds)) where not given.",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var healthTimeout: Double?
    @Option(
        help: ArgumentHelp(
            "How many checks in a row must fail; \(HealthPolicy.defaultThreshold) where not given.", valueName: "number"
        ))
    var healthThreshold: Int?
    @Option(help: ArgumentHelp("What is done then; report where not given.", valueName: "action"))
    var healthAction: HealthPolicy.Action?
    @Option(
        help: ArgumentHelp("It must say WATCHDOG=1 by sd_notify at least so often, or has failed.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var watchdog: Double?

    /// Nil where nothing is given.
    var policy: HealthPolicy? {
        let policy = HealthPolicy(
            http: healthHttp.map { HTTPProbe(option: $0) }, tcp: healthTcp,
            unix: healthUnix.map { UnixProbe(path: $0) },
            command: healthCommand.map { CommandProbe($0) }, intervalSeconds: healthInterval,
            timeoutSeconds: healthTimeout, threshold: healthThreshold, action: healthAction)
        return policy == HealthPolicy() ? nil : policy
    }

    func validate() throws {
        let hasProbe = healthHttp != nil || healthTcp != nil || healthUnix != nil || healthCommand != nil
        guard policy == nil || hasProbe else {
            throw ValidationError(
                "Health is checked by --health-http, --health-tcp, --health-unix or --health-command; none is given")
        }
    }
}
