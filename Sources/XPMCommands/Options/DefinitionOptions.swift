import ArgumentParser
import XPMClient
import XPMProtocol

/// How a command is run as a service.
struct DefinitionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where it runs; the current folder where not given.", valueName: "folder"),
        completion: .directory)
    var folder: String?
    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("Set a variable of its environment; can be repeated.", valueName: "name=value"))
    var variables: [String] = []
    @Flag(help: "Give it only PATH, HOME, USER, LANG and what --env sets.") var cleanEnv = false
    @Option(
        help: ArgumentHelp(
            "It runs once a line of its log matches; a group named url captures its URL.", valueName: "regex"))
    var readyPattern: String?
    @Option(help: ArgumentHelp("It runs once this page answers.", valueName: "url")) var readyUrl: String?
    @Option(help: ArgumentHelp("How long it may take until it runs.", valueName: "seconds")) var readyTimeout: Double?
    @Option(help: ArgumentHelp("The signal that asks it to end.", valueName: "signal")) var stopSignal: String?
    @Option(help: ArgumentHelp("How long it may take to end before it is killed.", valueName: "seconds")) var grace:
        Double?

    func validate() throws {
        for assignment in variables where !assignment.dropFirst().contains("=") {
            throw ValidationError("--env takes NAME=VALUE, not '\(assignment)'")
        }
    }

    /// What of the caller's environment a service cannot do without.
    private static let kept: Set = ["HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "USER"]

    func definition(_ command: [String]) -> ServiceDefinition {
        var environment = ProcessEnvironment.forServices(ProcessEnvironment.current)
        if cleanEnv { environment = environment.filter { Self.kept.contains($0.key) } }
        for assignment in variables {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = String(parts[1])
        }
        return ServiceDefinition(
            run: .command(command), folder: folder.map { Caller.absolute($0) } ?? Caller.folder,
            environment: environment,
            readiness: readiness, stop: stop)
    }

    private var readiness: Readiness? {
        guard readyPattern != nil || readyUrl != nil || readyTimeout != nil else { return nil }
        return Readiness(
            log: readyPattern.map { LogPattern($0) }, http: readyUrl.map { HTTPProbe(url: $0) },
            timeoutSeconds: readyTimeout)
    }

    private var stop: StopPolicy? {
        guard stopSignal != nil || grace != nil else { return nil }
        return StopPolicy(signal: stopSignal.map { $0.hasPrefix("SIG") ? $0 : "SIG\($0)" }, graceSeconds: grace)
    }
}
