import ArgumentParser
import Synchronization
import XPMClient
import XPMProtocol

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show past events; with -f, follow new ones.",
        discussion: """
            Prints one event per line, with --output json one object per line. With -f, no event is lost or repeated when xpmd \
            restarts.

            EXAMPLES
              xpmctl events --since 120
              xpmctl events -f --output json | jq -r 'select(.state == "ERROR") | .id'
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("Only events behind this sequence number.", valueName: "number")) var since: Int64?
    @Flag(name: .shortAndLong, help: "Follow new events.") var follow = false

    func run() throws {
        let from = since ?? 0
        let connection = connection
        let isFirst = Atomic(true)
        let reader = EventReader(since: from) { () throws(WireError) in
            // Only the first connection may start xpmd; a follower must not revive one that was stopped on purpose.
            let mayStart = isFirst.exchange(false, ordering: .relaxed) && !connection.noAutostart
            return try connection.connect(autostart: mayStart)
        }
        Readers.watch([StandardOutput.descriptor])
        let last = try reader.subscribe()
        var shown = from
        var backoff = Backoff()
        while follow || shown < last {
            do {
                let events = try reader.read()
                backoff.reset()
                for event in events where follow || event.sequence <= last { try show(event) }
                shown = events.map { max($0.sequence, $0.to ?? 0) }.max() ?? shown
            } catch let error as WireError where follow && EventReader.isTransient(error) {
                Thread.pause(backoff.next())
            }
        }
    }

    private func show(_ event: EventRecord) throws {
        switch output.output {
        case .json: try StandardOutput.writeJSON(event)
        case .table:
            try StandardOutput.write(EventLine.text(event, style: .forTerminal(StandardOutput.isTerminal)) + "\n")
        }
    }
}
