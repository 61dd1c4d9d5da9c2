import ArgumentParser
import XPMProtocol

/// When a service counts as RUNNING.
struct ReadinessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait for a log line that matches (PCRE2); a group named url captures its URL.", valueName: "regex"))
    var readyPattern: String?
    @Flag(help: "Wait for READY=1 (sd_notify) on the socket in NOTIFY_SOCKET.") var readyNotify = false
    @Option(help: ArgumentHelp("Wait for this page to answer; http:// or https://.", valueName: "url")) var readyUrl:
        String?
    @Option(help: ArgumentHelp("Wait for this path of the URL that the service reported.", valueName: "path"))
    var readyPath: String?
    @Option(
        help: ArgumentHelp(
            "Wait for a port to accept connections (default host: 127.0.0.1 and ::1).", valueName: "[host:]port"),
        transform: { try TCPProbe(option: $0) })
    var readyTcp: TCPProbe?
    @Option(
        help: ArgumentHelp("Wait for a Unix socket to accept connections.", valueName: "path"), completion: .file(),
        transform: { try LocalPath.checked($0) })
    var readyUnix: String?
    @Option(
        help: ArgumentHelp("Wait for a command to exit with 0; quotes group words, no shell.", valueName: "command"),
        transform: { try CommandWords.split($0) })
    var readyCommand: [String]?
    @Option(
        help: ArgumentHelp("Wait this long before the first probe (default: 0s).", valueName: "span"),
        transform: { try Span.seconds($0) })
    var readyInitialDelay: Double?
    @Option(
        help: ArgumentHelp(
            "Successes in a row that each probe needs, a second apart (default: 1).", valueName: "number"))
    var readySuccesses: Int?
    @Flag(help: "Let a process that is not the service's answer, such as a proxy.") var readyAnyListener = false
    @Option(
        help: ArgumentHelp("Wait this long after all other conditions are met.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var readyDelay: Double?
    @Option(
        help: ArgumentHelp(
            "Fail if it is not ready in this time (default: \(Span.text(seconds: Readiness.defaultTimeoutSeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var readyTimeout: Double?

    /// Nil where nothing is given.
    var policy: Readiness? {
        var policy = Readiness()
        policy.log = readyPattern.map { LogPattern($0) }
        policy.notify = readyNotify ? true : nil
        if readyUrl != nil || readyPath != nil { policy.http = HTTPProbe(url: readyUrl, path: readyPath) }
        policy.tcp = readyTcp
        policy.unix = readyUnix.map { UnixProbe(path: Caller.atHome($0)) }
        policy.command = readyCommand.map { CommandProbe($0) }
        policy.delaySeconds = readyDelay
        policy.initialDelaySeconds = readyInitialDelay
        policy.successes = readySuccesses
        policy.anyListener = readyAnyListener ? true : nil
        policy.timeoutSeconds = readyTimeout
        return policy == Readiness() ? nil : policy
    }
}
