import ArgumentParser
import XPMClient
import XPMProtocol

/// How a command is run as a service.
struct DefinitionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Folder to run in (default: the current folder).", valueName: "folder"),
        completion: .directory, transform: { try LocalPath.checked($0) })
    var folder: String?
    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("Set an environment variable; can be repeated.", valueName: "name=value"))
    var variables: [String] = []
    @Flag(help: "Pass only PATH, HOME, USER, LANG and --env variables, not this shell's environment.") var cleanEnv =
        false
    @OptionGroup var address: AddressOptions
    @OptionGroup(title: "Readiness (all conditions that are given must be met)")
    var readiness: ReadinessOptions
    @OptionGroup var policies: PolicyOptions

    func validate() throws {
        for assignment in variables where !assignment.dropFirst().contains("=") {
            throw ValidationError("--env takes NAME=VALUE, not '\(assignment)'")
        }
    }

    /// What of the caller's environment a service cannot do without.
    static let kept: Set = ["HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "USER"]

    func definition(_ command: [String]) -> ServiceDefinition {
        var environment = Surroundings.environment
        if cleanEnv { environment = environment.filter { Self.kept.contains($0.key) } }
        var written: [String] = []
        for assignment in variables {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = String(parts[1])
            written.append(String(parts[0]))
        }
        var definition = ServiceDefinition(
            run: .command(command), folder: folder.map { Caller.absolute($0) } ?? Caller.folder,
            environment: environment, readiness: readiness.policy, caller: .ofThisProcess,
            explicit: ExplicitParts(
                variables: written.isEmpty ? nil : Set(written).sorted(), folder: folder == nil ? nil : true,
                clean: cleanEnv ? true : nil))
        policies.apply(to: &definition)
        address.apply(to: &definition, words: command + variables)
        return definition
    }
}
