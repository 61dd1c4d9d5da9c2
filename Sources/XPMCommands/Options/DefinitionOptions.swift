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
    @OptionGroup(title: "When it counts as running (all of these that are given)")
    var readiness: ReadinessOptions
    @OptionGroup var policies: PolicyOptions

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
        var definition = ServiceDefinition(
            run: .command(command), folder: folder.map { Caller.absolute($0) } ?? Caller.folder,
            environment: environment, readiness: readiness.policy)
        policies.apply(to: &definition)
        return definition
    }
}
