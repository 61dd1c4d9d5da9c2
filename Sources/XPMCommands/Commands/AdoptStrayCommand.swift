import ArgumentParser
import XPMClient
import XPMProtocol

struct AdoptStrayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Make a stray a service again.",
        discussion: """
            The process keeps running and becomes a service that you can stop, restart and read the logs of. Its name is the \
            one that it was started under, or NAME. A service of that name that is not running keeps its definition; \
            otherwise the definition is read from the process: command, folder, environment, log files.

            EXAMPLES
              xpmctl strays adopt 4711
              xpmctl strays adopt 4711 --name board
              xpmctl strays adopt 4711 --name board --experiment my_experiment
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Option(help: "The service's id (default: the one that it was started under).") var name: String?
    @Option(help: "One line for people.") var description: String?
    @Option(
        help:
            "The experiment (default: the one that it was started in, or with --name the one of the workspace folder).")
    var experiment: String?
    @Option(name: .customLong("run"), help: "The run of the experiment.") var runID: String?
    @Option(
        help: ArgumentHelp(
            "The workspace (default: the one that it was started in, or with --name the current folder).",
            valueName: "folder"),
        completion: .directory)
    var workspace: String?
    @Argument(help: ArgumentHelp("The pid of the stray, or the name that it was started under.", valueName: "stray"))
    var stray: String

    func run() throws {
        let connection = try connection.connect()
        let stray = try Strays.find(self.stray, in: try connection.call(ListStrays()).strays)
        // Where it is to be is its own run unless something else is said.
        let own = name == nil ? stray.service : nil
        guard let id = name ?? own?.id else {
            throw WireError(
                .invalidName, "cannot adopt \(StrayTable.name(stray)): no name is known for it",
                data: ["stray": .integer(Int64(clamping: stray.stray))])
        }
        let folder = workspace.map { Caller.workspace($0) } ?? own?.run.workspace ?? Caller.folder
        let owner = try connection.call(
            ImplicitExperiment.request(
                workspace: folder, experiment: experiment ?? own?.run.experiment, run: runID ?? own?.run.run))
        let service = try connection.call(
            AdoptStray(
                stray.stray, as: ServiceIdentity(run: owner.identity, id: id), description: description))
        try Acknowledgement(output: output.output).show(service)
    }
}
