import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove stopped services of ended runs, and logs of removed services.",
        discussion: """
            Shows what it will remove and asks first. Open runs, running services and services found in watched workspaces \
            are kept. Logs at a path you chose (--log-stdout, --log-stderr) are never deleted.

            EXAMPLES
              xpmctl prune --dry-run
              xpmctl prune --older-than 30d
              xpmctl prune --yes --workspace ~/experiments
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Option(
        help: ArgumentHelp("Only services of this workspace, and their logs.", valueName: "folder"),
        completion: .directory)
    var workspace: String?
    @Option(
        help: ArgumentHelp("Only services stopped, and logs unchanged, for this long.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var olderThan: Double?
    @Flag(name: .customLong("dry-run"), help: "Show what would be removed, and remove nothing.") var dryRun = false
    @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false

    func validate() throws {
        if dryRun && yes { throw ValidationError("--yes cannot be used with --dry-run") }
    }

    func run() throws {
        let connection = try connection.connect()
        var request = PruneServices(
            workspace: workspace.map { Caller.workspace($0) }, olderThanSeconds: olderThan, dryRun: true)
        let found = try connection.call(request)
        let page = PrunePage(found)
        if page.isEmpty {
            if output.output == .json { try StandardOutput.writeJSON(found) }
            return StandardError.line("nothing to remove" + page.note)
        }
        guard yes || dryRun || isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("cannot ask without a terminal: use --yes, or --dry-run to see what would be removed")
        }
        if output.output == .table { try StandardOutput.write(page.text) }
        if dryRun {
            if output.output == .json { try StandardOutput.writeJSON(found) }
            return StandardError.line("would remove \(page.sum)\(page.note)")
        }
        guard yes || confirm("Remove \(page.sum)?") else {
            StandardError.line("nothing was removed")
            throw ExitCode(1)
        }
        (request.dryRun, request.asOf) = (nil, found.asOf)
        let removed = try connection.call(request)
        if output.output == .json { try StandardOutput.writeJSON(removed) }
        StandardError.line("removed \(PrunePage(removed).sum)\(page.note)")
        if removed.more { StandardError.line("hint: there is more to remove; run `xpmctl prune` again") }
    }

    private func confirm(_ question: String) -> Bool {
        StandardError.write("\(question) [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
