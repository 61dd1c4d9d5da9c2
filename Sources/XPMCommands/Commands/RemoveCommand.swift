import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove stopped services.",
        discussion: """
            Sub-services are removed with their service. Log files are kept; `xpmctl prune` deletes those in xpmd's state folder. A \
            running service is refused with exit code 8. If other services depend on it, it is removed with a warning: those that \
            require it cannot start until you add it again.

            EXAMPLE
              xpmctl stop tensorboard && xpmctl remove tensorboard
            """,
        aliases: ["rm"])

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    private static func isFile(_ path: String) -> Bool {
        var found = stat()
        return stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFREG
    }

    func run() throws {
        let batch = try Batch(names, connection, naming, verb: .remove)
        try batch.ask(batch.members(naming.reference), { RemoveService($0) }) { _, service in
            switch output.output {
            case .json: try StandardOutput.writeJSON(service)
            case .table: StandardError.line("\(service.identity.fullName): removed")
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
