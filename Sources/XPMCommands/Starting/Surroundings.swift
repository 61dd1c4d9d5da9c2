import XPMClient
import XPMProtocol

/// What a service has of the shell that it is added from: environment and folder.
enum Surroundings {
    /// The environment of this shell as a service may have it, without variables that no text can carry.
    static var environment: [String: String] { ProcessEnvironment.forServices(ProcessEnvironment.current) }

    /// Says which variables a service that is added from here does not get.
    static func noteUnreadable() {
        let left = ProcessEnvironment.unreadable
        guard !left.isEmpty else { return }
        let names = left.map { Name.quoted($0) }.joined(separator: ", ")
        StandardError.line("note: these variables are not passed on: \(names) (not UTF-8, or not NAME=VALUE)")
    }

    /// What to say of a service that runs in other surroundings than it would be started in now; nil where that makes no difference.
    static func note(_ known: ServiceDefinition, beside new: ServiceDefinition, command: String) -> String? {
        var differences = InheritedDifferences.phrases(known, beside: new)
        if known.folder != new.folder, let folder = known.folder { differences.append("the folder \(folder)") }
        guard !differences.isEmpty else { return nil }
        return "note: it keeps running with \(Sanitizer.line(differences.joined(separator: ", "))); "
            + "`\(command)` restarts it with what you have here"
    }
}
