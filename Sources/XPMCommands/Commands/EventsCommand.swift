import ArgumentParser
import Synchronization
import XPMClient
import XPMProtocol

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show past events; with -f, follow new ones.",
        discussion: """
            Prints one event per line, with --output json one object per line. With names or patterns, prints only events of these \
            services and their parts, of all runs; the exit code is 3 if there is neither such a service nor an event of one. \
            With -f, no event is lost or repeated when xpmd restarts. xpmd keeps about 100,000 events; when there are more, the \
            services with the most lose their oldest ones, and a line says which are no longer kept.

            TIME is how long ago (90s, 10m, 2h, 1d), a time today (10:30), a date, or both (2026-11-24T10:30), in local time, or \
            RFC 3339 with a zone. Times are printed in local time with the offset from UTC, or in UTC with --utc.

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
    @Option(
        help: ArgumentHelp("Only events at or after this time, or after this sequence number.", valueName: "time"),
        transform: { try EventStart.option($0) })
    var since: EventStart?
    @Option(
        help: ArgumentHelp("Only events up to this time.", valueName: "time"), transform: { try Moment.option($0) })
    var until: Moment?
    @Option(
        name: [.customShort("n"), .customLong("lines")],
        help: "Past events to show (default: all).")
    var lines: Int?
    @Flag(name: .shortAndLong, help: "Follow new events.") var follow = false
    @Argument(help: "Only events of these services.", completion: ServiceNames.completion) var names: [String] = []

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("-n takes a number of events, 0 or more") }
        if follow && until != nil { throw ValidationError("--until cannot be used with -f") }
    }

    func run() throws {
        let connection = connection
        let isFirst = Atomic(true)
        // Only the first connection may start xpmd; a follower must not revive one that was stopped on purpose.
        let open = { @Sendable () throws(WireError) in
            let mayStart = isFirst.exchange(false, ordering: .relaxed) && !connection.noAutostart
            return try connection.connect(autostart: mayStart)
        }
        var (selection, unknown) = try selection(open)
        var from = if case .sequence(let number)? = since { number } else { Int64(0) }
        Readers.watch([StandardOutput.descriptor])
        var gaps = RelevantGaps(isEverything: names.isEmpty)
        var lines = lines
        if let count = lines, let past = try past(count, from, selection, &unknown, &gaps, open) {
            for event in past.events { try show(event) }
            try refuse(&unknown)
            guard follow else { return }
            (from, lines) = (past.last, nil)
        }
        let reader = EventReader(since: from, connect: open)
        let last = try reader.subscribe()
        var shown = from
        var held: [EventRecord] = []
        var backoff = Backoff()
        if shown >= last { try refuse(&unknown) }
        while follow || shown < last {
            do {
                let events = try reader.read()
                backoff.reset()
                for event in events { unknown.removeAll { selection.matches(event, $0.pattern) } }
                let selected = events.filter { (follow || $0.sequence <= last) && selection.contains($0) }
                for event in selected.flatMap({ gaps.take($0) }) {
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
                for event in held + [gaps.end()].compactMap(\.self) { try show(event) }
                held = []
                try refuse(&unknown)
            } catch let error as WireError where follow && EventReader.isTransient(error) {
                Thread.pause(backoff.next())
            }
        }
    }

    /// The last of the past that is shown; nil where the daemon cannot be asked for no more than that.
    private func past(
        _ count: Int, _ since: Int64, _ selection: EventSelection, _ unknown: inout [Unknown],
        _ gaps: inout RelevantGaps,
        _ open: () throws(WireError) -> Connection
    ) throws(WireError) -> (events: [EventRecord], last: Int64)? {
        var left = unknown
        let history = try EventHistory(
            last: count, since: since, isEverything: names.isEmpty, on: open(),
            isMeant: { event in
                left.removeAll { selection.matches(event, $0.pattern) }
                return selection.contains(event)
            }, isEnough: { left.isEmpty })
        guard let history else { return nil }
        unknown = left
        let shown = history.events.flatMap { gaps.take($0) } + [gaps.end()].compactMap(\.self)
        return (shown.suffix(count), history.last)
    }

    /// A name that no service has now; events of one that was removed may be there.
    private struct Unknown {
        var pattern: ServicePattern
        var error: WireError
    }

    private func selection(_ open: () throws(WireError) -> Connection) throws(WireError) -> (EventSelection, [Unknown])
    {
        var selection = EventSelection(patterns: names.map { ServicePattern(text: $0) }, until: until?.time)
        if case .moment(let moment)? = since { selection.since = moment }
        guard !names.isEmpty else { return (selection, []) }
        let connection = try open()
        if let workspace = naming.workspace {
            let folder = try NamingOptions.folder(workspace, on: connection)
            selection.isHere = { $0 == folder }
        } else {
            let (folder, homes) = (Caller.nearestFolder, Caller.homes)
            selection.isHere = { WorkspacePath.holds($0, folder, homes: homes) }
        }
        var unknown: [Unknown] = []
        for named in try NamedService.all(names, naming, connection) where named.service == nil {
            do throws(WireError) {
                if let fault = named.fault { throw fault }
                let service = try connection.call(GetService(naming.lookup(named.text, on: connection))).service
                naming.noteElsewhere(service, named: named.text)
                selection.elsewhere[named.text] = service.identity.run.workspace
            } catch {
                guard error.code == .notFound || error.code == .ambiguous else { throw error }
                unknown.append(
                    Unknown(
                        pattern: ServicePattern(text: named.text), error: NearestNames.added(to: error, on: connection))
                )
            }
        }
        return (selection, unknown)
    }

    /// Tells of names that nothing has been found for once all of the past was read, and ends where there is nothing else to show.
    private func refuse(_ unknown: inout [Unknown]) throws {
        guard let first = unknown.first else { return }
        for name in unknown { Failure.report(name.error) }
        let isAll = unknown.count == names.count
        defer { unknown = [] }
        if isAll || !follow { throw ExitCode(first.error.code.exitCode) }
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
