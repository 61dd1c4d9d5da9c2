import ArgumentParser
import XPMClient
import XPMProtocol

struct AdoptStrayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Turn a stray back into a service.",
        discussion: """
            The process keeps running and becomes a service that you can stop, restart and read the logs of. It keeps the name \
            that it was started under unless you give --name. If there is a stopped service of that name, its definition is \
            used; otherwise it is read from the process: command, folder, environment, log files. All else is at its default: no \
            restarts, a grace period of \(Span.text(seconds: StopPolicy.defaultGraceSeconds)), no readiness or health check, no limits, and \
            a port or URL that it had is not kept. `xpmctl add` with --update changes that, and restarts it.

            EXAMPLES
              xpmctl strays adopt 4711
              xpmctl strays adopt 4711 --name board
              xpmctl strays adopt 4711 --name board --experiment my_experiment
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Option(help: "Service id (default: the one it was started under).") var name: String?
    @Option(help: "One-line description.") var description: String?
    @Option(
        help:
            "Experiment (default: the one it was started in; with --name, named after the workspace folder).")
    var experiment: String?
    @Option(name: .customLong("run"), help: "Run of the experiment.") var runID: String?
    @Option(
        help: ArgumentHelp(
            "Workspace (default: the one it was started in; with --name, the current folder).",
            valueName: "folder"),
        completion: .directory)
    var workspace: String?
    @Argument(
        help: ArgumentHelp("Pid of the stray, or the name it was started under.", valueName: "stray"),
        completion: ServiceNames.strays)
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
