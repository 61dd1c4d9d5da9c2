import XPMClient
import XPMProtocol

extension ServiceDefinition {
    /// Whether `command`, which was not found, is this definition's own, and would be with the PATH of another environment.
    func needsPath(of environment: [String: String], for command: String?) -> Bool {
        guard case .command(let words) = run, let command, words.first == command, !command.contains("/"),
            // What its user has written stays.
            explicit?.variables?.contains("PATH") != true
        else { return false }
        return Executable.find(command, path: environment["PATH"]) != nil
    }
}
