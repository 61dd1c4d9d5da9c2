import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove stopped services.",
        discussion: """
            Sub-services are removed with their service. Log files are kept: `xpmctl prune` deletes those in xpmd's state folder later, \
            and --logs deletes them now, rotated ones included. Files that you named with --log-stdout or --log-stderr always stay. If \
            a log cannot be deleted, the service is not removed. A running service is refused with exit code 8. If other services depend on it, it is removed with a warning: those that \
            require it cannot start until you add it again.

            EXAMPLES
              xpmctl stop tensorboard && xpmctl remove tensorboard
              xpmctl remove --logs 'trial-*'
            """,
        aliases: ["rm"])

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .customLong("logs"), help: "Delete the services' log files in xpmd's state folder, too.")
    var deletesLogs = false
    @Argument(help: "The services.", completion: ServiceNames.removable) var names: [String]

    private static func text(_ deleted: [PrunedLog]) -> String {
        guard !deleted.isEmpty else { return "it had no log files to delete" }
        let bytes = deleted.reduce(0) { $0 &+ $1.bytes }
        let paths = deleted.map { Sanitizer.line(ShellWord.quoted($0.path)) }.joined(separator: " ")
        return "deleted \(PrunePage.counted(deleted.count, "log file")) (\(Size.text(bytes))): \(paths)"
    }

    private static func isFile(_ path: String) -> Bool {
        var found = stat()
        return PathLook.at(path) { stat(path, &found) } == 0 && found.st_mode & S_IFMT == S_IFREG
    }

    func run() throws {
        let batch = try Batch(names, connection, naming, verb: .remove)
        try batch.ask(batch.members(naming.reference), { RemoveService($0, logs: deletesLogs ? true : nil) }) {
            _, service in
            switch output.output {
            case .json: try StandardOutput.writeJSON(service)
            case .table: StandardError.line("\(service.identity.fullName): removed")
            }
            if let deleted = service.deletedLogs {
                StandardError.line("note: \(Self.text(deleted))")
            } else if deletesLogs {
                StandardError.line("warning: its logs are kept: this xpmd is older and does not delete them")
            }
            let logs = [service.stdout, service.stderr].compactMap(\.self).filter(Self.isFile)
            if !logs.isEmpty {
                let paths = logs.map { Sanitizer.line(ShellWord.quoted($0)) }.joined(separator: " ")
                StandardError.line("note: its logs are kept: \(paths)")
            }
            if !service.dependents.isEmpty {
                let names = service.dependents.map { Sanitizer.line(Name.quoted($0)) }.joined(separator: ", ")
                StandardError.line("warning: still depend on it: \(names)")
            }
        }
        try batch.finish()
    }
}
