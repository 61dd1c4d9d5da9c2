import ArgumentParser
import XPMClient
import XPMProtocol

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List services.",
        discussion: """
            Shows the newest run of each experiment, and services of older runs that are not stopped; --all shows everything. \
            With --watch, follows changes until Ctrl-C.

            EXAMPLES
              xpmctl list
              xpmctl list --experiment my_experiment --all
              xpmctl list --usage
              xpmctl list --failed
              xpmctl list --watch
              xpmctl list --output json | jq -r '.[] | select(.state == "RUNNING") | .url'
            """,
        aliases: ["ls"])

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var table: TableOptions
    @Option(help: "Only services of this experiment.", completion: ServiceNames.experiments) var experiment: String?
    @Option(
        help: ArgumentHelp("Only services of this workspace.", valueName: "folder"), completion: .directory,
        transform: { try LocalPath.checked($0) })
    var workspace: String?
    @Option(name: .customLong("run"), help: "Only services of this run.") var runID: String?
    @Flag(help: "Show all runs, not only the newest of each experiment.") var all = false
    @Flag(help: "Show only running services.") var running = false
    @Flag(help: "Show only failed services (state ERROR); with --running, both.") var failed = false

    @Flag(name: .shortAndLong, help: "Show the memory and CPU time that services use.") var usage = false

    @Flag(
        name: .shortAndLong,
        help: "Redraw the list when it changes; without a terminal print each service that changes.")
    var watch = false

    func validate() throws {
        if watch && usage { throw ValidationError("--usage cannot be used with --watch") }
    }

    func run() throws {
        guard watch else { return try show(connection.ask { try Catalogue.read($0, usage: usage) }) }
        try ListWatch(connection: connection, draw: show, chosen: chosen, tell: tell).run()
    }

    private func tell(_ service: ServiceRecord, isGone: Bool) throws {
        if output.output == .json {
            // A record tells of a state; `xpmctl events` tells programs of removals, too.
            return isGone ? () : try StandardOutput.writeJSON(service)
        }
        let detail = ServiceTable.detail(service, now: .now)
        let what = isGone ? "no longer listed" : service.state.rawValue + (detail.isEmpty ? "" : "  \(detail)")
        try StandardOutput.write(Sanitizer.line("\(service.identity.fullName)  \(what)") + "\n")
    }

    private func show(_ catalogue: Catalogue) throws {
        let services = chosen(from: catalogue)
        switch output.output {
        case .json: try StandardOutput.writeJSON(services)
        case .table:
            defer { if let hint = StrayTable.hint(catalogue.strays) { StandardError.line(hint) } }
            if services.isEmpty { return StandardError.line("no services") }
            let style = Style.forTerminal(StandardOutput.isTerminal)
            let rows = ServiceTable(
                names: catalogue.names, now: .now, style: style, showsUsage: usage, limit: table.limit)
            try StandardOutput.write(rows.text(services))
        }
    }

    /// Filtered here, not by the daemon: how short a name may be depends on the services that are not shown.
    private func chosen(from catalogue: Catalogue) -> [ServiceRecord] {
        // Programs may have given their workspace by a link, which xpmd leaves alone; what it watches has none in its path.
        let folders = workspace.map { [Caller.absolute($0), Caller.workspace($0)] }
        return catalogue.services.filter { service in
            let owner = service.identity.run
            return experiment.map { $0 == owner.experiment } ?? true
                && folders.map { $0.contains(owner.workspace) } ?? true
                && runID.map { $0 == owner.run }
                    ?? (all || catalogue.newest.contains(owner) || service.state != .stopped)
                && (!running && !failed || running && service.state == .running || failed && service.state == .error)
        }
    }
}
