import ArgumentParser
import XPMClient
import XPMProtocol

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the logs of services; with -f, follow them.",
        discussion: """
            Prints standard output, then standard error. With -f, prints both as they are written, until the service has ended \
            and no restart is due. Rotated files are read too. Of a progress bar only the last state is shown. On a terminal, \
            control characters are made visible; colors are kept. With several services or a pattern, each line begins with the \
            name of its service.

            Times are when xpmd saw a line begin: at most 250 ms late, unless xpmd was not running. TIME is how long ago (90s, \
            10m, 2h, 1d), a time today (10:30), a date, or both (2026-11-24T10:30), in local time, or RFC 3339 with a zone.

            Output that goes to systemd's journal is read with journalctl; the same options work. There, standard error has \
            priority 4 and standard output 6; a line that begins with <N> sets its own priority.

            EXAMPLES
              xpmctl logs tensorboard -n 20
              xpmctl logs -f my_experiment:tensorboard --stderr
              xpmctl logs tensorboard --since 10m --timestamps
              xpmctl logs -f 'tensor*' trainer
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @Flag(name: .shortAndLong, help: "Follow new lines until the service has ended.") var follow = false
    @Flag(help: "With -f: do not exit when the service ends; wait for its next start.") var retry = false
    @Option(
        name: [.customShort("n"), .long],
        help: "Lines to show per stream (default: 100; with --since, all).")
    var lines: Int?
    @Option(
        help: ArgumentHelp("Only lines written at or after this time.", valueName: "time"),
        transform: { try Moment.option($0) })
    var since: Moment?
    @Option(
        help: ArgumentHelp("Only lines completed by this time.", valueName: "time"),
        transform: { try Moment.option($0) })
    var until: Moment?
    @Flag(name: .shortAndLong, help: "Show the time of each line.") var timestamps = false
    @OptionGroup var time: TimeOptions
    @Flag(help: "Print the log unchanged: control characters and all states of progress bars.") var raw = false
    @Flag(help: "Only standard output.") var stdout = false
    @Flag(help: "Only standard error.") var stderr = false
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("-n takes a number of lines, 0 or more") }
        if retry && !follow { throw ValidationError("--retry needs -f") }
        if follow && until != nil { throw ValidationError("--until cannot be used with -f") }
        if raw && timestamps {
            throw ValidationError("--timestamps cannot be used with --raw")
        }
    }

    func run() throws {
        let batch = try Batch(names, connection, naming)
        if raw, batch.named.count > 1 { throw ValidationError("--raw cannot be used with several services") }
        // Asked once, so that both streams are of the same service whatever is added meanwhile.
        var found: [(member: Member, service: ServiceRecord)] = []
        try batch.ask(batch.members(naming.lookup), { GetService($0) }) { member, reply in
            naming.noteElsewhere(reply.service, named: batch.named[member.index].text)
            found.append((member, reply.service))
        }
        found.sort { $0.member.index < $1.member.index }
        let labels = batch.isSingle || raw ? nil : LogLabels(found.map(\.service.identity))
        var followed: [(member: Member, source: LogFollower.Source)] = []
        for (member, service) in found {
            try batch.attempt(member.index) {
                let label = labels?.label(of: service.identity)
                let source = source(
                    of: service.identity, LogPrinter(form, isTimed: timestamps, label: label, clock: time.clock))
                if let journal = try journal(of: source.service, batch.session.connection) {
                    if follow && found.count > 1 {
                        throw WireError(
                            .unsupported,
                            "cannot follow the log of \(service.identity.fullName) together with others: it is in the journal"
                        )
                    }
                    try print(journal, source)
                } else if follow {
                    followed.append((member, source))
                } else {
                    for stream in streams { try print(source.first(stream), source.printer, batch.session.connection) }
                }
            }
        }
        try follow(followed, of: batch)
        try batch.finish()
    }

    private var streams: [ServiceLogs.Stream] {
        stdout == stderr ? [.stdout, .stderr] : stdout ? [.stdout] : [.stderr]
    }

    private var form: LogPrinter.Form {
        if raw { return .raw }
        guard StandardOutput.isTerminal else { return .lines }
        // An unfinished line stands below all others, which only one service's can.
        return .terminal(live: follow && names.count == 1 && !ServicePattern.isPattern(names[0]))
    }

    /// The last so many lines; nil for all.
    private var shownLines: Int? { lines ?? (since == nil ? 100 : nil) }

    private func source(of service: ServiceIdentity, _ printer: LogPrinter) -> LogFollower.Source {
        let service = ServiceReference(service)
        return LogFollower.Source(service: service, streams: streams, printer: printer) { stream in
            var request = ServiceLogs(service, stream: stream, lines: shownLines)
            (request.since, request.until, request.timestamps) = (since?.time, until?.time, timestamps ? true : nil)
            return request
        }
    }

    private func follow(_ followed: [(member: Member, source: LogFollower.Source)], of batch: Batch) throws {
        guard !followed.isEmpty else { return }
        let printers = followed.map(\.source.printer)
        // The line that a progress bar has not finished is printed all the same.
        Interruption.atSignals { for printer in printers { try? printer.finish() } }
        Readers.watch([StandardOutput.descriptor])
        let follower = LogFollower(followed.map(\.source), retries: retry) { () throws(WireError) in
            try connection.connect(autostart: false)
        } finished: { place, result in
            try batch.attempt(followed[place].member.index) { try Self.tellEnd(of: result.get()) }
        }
        try follower.run()
    }

    private func print(_ journal: JournalLog, _ source: LogFollower.Source) throws {
        let selection = JournalLog.Selection(
            streams: streams, lines: shownLines, since: since?.time, until: until?.time, follow: follow)
        let (connection, retry, service) = (connection, retry, source.service)
        let ended = try journal.print(selection, with: source.printer) {
            retry ? nil : Self.waitForEnd(of: service, connection)
        }
        if let ended { Self.tellEnd(of: ended) }
    }

    /// The service once it has ended for good; nil where that cannot be known.
    private static func waitForEnd(of service: ServiceReference, _ connection: ConnectionOptions) -> ServiceRecord? {
        let session = try? Session { () throws(WireError) in try connection.connect(autostart: false) }
        while let session {
            do { return try session.call(WaitService(service, goal: .ended)) } catch {
                // It was started again before it had ended.
                guard error.code == .overtaken else { return nil }
            }
        }
        return nil
    }

    private static func tellEnd(of service: ServiceRecord) {
        let name = service.identity.fullName
        guard service.attempt != nil else {
            return StandardError.line("xpmctl: \(name) has not run yet; --retry waits for its start")
        }
        let detail = ServiceTable.detail(service, now: .now)
        StandardError.line(
            "xpmctl: \(name) has ended: \(service.state.rawValue)\(detail.isEmpty ? "" : ", \(detail)")")
    }

    /// Nil where the log is in files.
    private func journal(of service: ServiceReference, _ connection: Connection) throws -> JournalLog? {
        do {
            _ = try connection.call(ServiceLogs(service, stream: .stdout, lines: 0))
            return nil
        } catch {
            guard let journal = JournalLog(error) else { throw error }
            return journal
        }
    }

    private func print(_ request: ServiceLogs, _ printer: LogPrinter, _ connection: Connection) throws {
        var request = request
        while case let piece = try connection.call(request), !piece.text.isEmpty {
            try printer.add(piece, of: request.stream)
            // The last lines come in one piece; all since a time in as many as they need.
            guard request.lines == nil else { break }
            request.offset = piece.next
        }
        try printer.finish()
    }
}
