import ArgumentParser
import Synchronization
import XPMClient
import XPMProtocol

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show past events; with -f, follow new ones.",
        discussion: """
            Prints one event per line, with --output json one object per line. With names, only events of these services and their \
            parts, of all runs; names may be patterns. With -f, no event is lost or repeated when xpmd restarts.

            TIME is an age (90s, 10m, 2h, 1d), a time of today (10:30), a date or both (2026-11-24T10:30), all local, or RFC 3339 \
            with a zone. Times are printed in local time with the offset from UTC, or in UTC with --utc.

            EXAMPLES
              xpmctl events tensorboard --since 10m
              xpmctl events 'my_experiment:*' -n 20
              xpmctl events --since 2026-11-24 --until 2026-11-25
              xpmctl events -f --output json | jq -r 'select(.state == "ERROR") | .id'
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var time: TimeOptions
    @Option(help: ArgumentHelp("Only events at or after this time, or after this sequence number.", valueName: "time"))
    var since: EventStart?
    @Option(help: ArgumentHelp("Only events up to this time.", valueName: "time")) var until: Moment?
    @Option(name: [.customShort("n"), .customLong("lines")], help: "Number of events to show, the last ones.")
    var lines: Int?
    @Flag(name: .shortAndLong, help: "Follow new events.") var follow = false
    @Argument(help: "Only events of these services.", completion: ServiceNames.completion) var names: [String] = []

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("-n takes a number of events from 0 on") }
        if follow && until != nil { throw ValidationError("-f follows what comes; --until does not go with it") }
    }

    func run() throws {
        let connection = connection
        let isFirst = Atomic(true)
        // Only the first connection may start xpmd; a follower must not revive one that was stopped on purpose.
        let open = { @Sendable () throws(WireError) in
            let mayStart = isFirst.exchange(false, ordering: .relaxed) && !connection.noAutostart
            return try connection.connect(autostart: mayStart)
        }
        let selection = try selection(open)
        let from = if case .sequence(let number)? = since { number } else { Int64(0) }
        let reader = EventReader(since: from, connect: open)
        Readers.watch([StandardOutput.descriptor])
        let last = try reader.subscribe()
        var shown = from
        var held: [EventRecord] = []
        var backoff = Backoff()
        while follow || shown < last {
            do {
                let events = try reader.read()
                backoff.reset()
                for event in events where (follow || event.sequence <= last) && selection.contains(event) {
                    guard let lines, event.sequence <= last else {
                        try show(event)
                        continue
                    }
                    held.append(event)
                    if held.count > lines { held.removeFirst(held.count - lines) }
                }
                shown = events.map { max($0.sequence, $0.to ?? 0) }.max() ?? shown
                // The last ones are known once all of the past was read.
                guard shown >= last else { continue }
                for event in held { try show(event) }
                held = []
            } catch let error as WireError where follow && EventReader.isTransient(error) {
                Thread.pause(backoff.next())
            }
        }
    }

    private func selection(_ open: () throws(WireError) -> Connection) throws(WireError) -> EventSelection {
        var selection = EventSelection(patterns: names.map { ServicePattern(text: $0) }, until: until?.time)
        if case .moment(let moment)? = since { selection.since = moment }
        guard !names.isEmpty else { return selection }
        if let workspace = naming.workspace {
            let folder = try NamingOptions.folder(workspace, on: open())
            selection.isHere = { $0 == folder }
        } else {
            let (folder, homes) = (Caller.nearestFolder, Caller.homes)
            selection.isHere = { WorkspacePath.holds($0, folder, homes: homes) }
        }
        return selection
    }

    private func show(_ event: EventRecord) throws {
        switch output.output {
        case .json: try StandardOutput.writeJSON(event)
        case .table:
            let style = Style.forTerminal(StandardOutput.isTerminal)
            try StandardOutput.write(EventLine.text(event, style: style, clock: time.clock) + "\n")
        }
    }
}
