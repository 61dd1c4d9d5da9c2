import ArgumentParser
import XPMProtocol

/// When a service counts as RUNNING.
struct ReadinessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A line of its log matches; a group named url captures its URL.", valueName: "regex"))
    var readyPattern: String?
    @Flag(help: "It says READY=1 by sd_notify; it finds NOTIFY_SOCKET in its environment.") var readyNotify = false
    @Option(help: ArgumentHelp("This page answers.", valueName: "url")) var readyUrl: String?
    @Option(help: ArgumentHelp("This path answers at the URL that it told.", valueName: "path")) var readyPath: String?
    @Option(
        help: ArgumentHelp("A port accepts a connection; of 127.0.0.1 without a host.", valueName: "[host:]port"),
        transform: { try TCPProbe(option: $0) })
    var readyTcp: TCPProbe?
    @Option(help: ArgumentHelp("A Unix socket accepts a connection.", valueName: "path"), completion: .file())
    var readyUnix: String?
    @Option(
        help: ArgumentHelp("A command ends with code 0; quotes keep words together, no shell.", valueName: "command"),
        transform: { try CommandWords.split($0) })
    var readyCommand: [String]?
    @Option(
        help: ArgumentHelp("So much time has passed after all that.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var readyDelay: Double?
    @Option(
        help: ArgumentHelp(
            "How long it may take; \(Span.text(seconds: Readiness.defaultTimeoutSeconds)) where not given.",
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
        policy.unix = readyUnix.map { UnixProbe(path: $0) }
        policy.command = readyCommand.map { CommandProbe($0) }
        policy.delaySeconds = readyDelay
        policy.timeoutSeconds = readyTimeout
        return policy == Readiness() ? nil : policy
    }
}
