import ArgumentParser
import XPMClient
import XPMProtocol

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watch experimaestro workspaces: list the services of every run.",
        discussion: """
            Covers running, finished and killed runs, now and later, until `xpmctl unwatch`. Writes nothing into the workspace. \
            Any of these services can be started, in the Python interpreter of its run; `xpmctl list --all` shows their names.

            EXAMPLES
              xpmctl watch ~/experiments
              xpmctl list --all --workspace ~/experiments
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .customLong("no-wait"), help: "Do not wait until the workspace has been read.") var noWait = false
    @Argument(help: ArgumentHelp("Folders of workspaces.", valueName: "workspace"), completion: .directory)
    var workspaces: [String]

    func run() throws {
        let connection = try connection.connect()
        try Each.of(workspaces, verb: .watch) { workspace in
            var record = try connection.call(WatchWorkspace(workspace: Caller.absolute(workspace))).workspace
            if !noWait { record = try reading(record, connection) }
            switch output.output {
            case .json: try StandardOutput.writeJSON(record)
            case .table: StandardError.line(WorkspaceTable.sentence(record))
            }
        }
    }

    /// The record once the workspace has been read.
    private func reading(_ record: WorkspaceRecord, _ connection: Connection) throws(WireError) -> WorkspaceRecord {
        Interruption.say("xpmctl: \(record.workspace) is watched")
        Readers.watch([StandardOutput.descriptor, StandardError.descriptor])
        var line = ProgressLine()
        defer { line.clear() }
        var record = record
        while record.state == .scanning {
            line.show("reading \(record.workspace): \(record.runs) runs")
            Thread.pause(.milliseconds(20))
            let all = try connection.call(ListWorkspaces()).workspaces
            guard let now = all.first(where: { $0.workspace == record.workspace }) else { return record }
            record = now
        }
        return record
    }
}
