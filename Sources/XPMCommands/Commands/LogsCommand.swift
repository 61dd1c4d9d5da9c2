import ArgumentParser
import XPMClient
import XPMProtocol

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the log of a service; with -f, follow it.",
        discussion: """
            Prints standard output, then standard error. With -f, prints both as they are written, until the service has ended \
            and no restart is due. Rotated files are read too. Of a progress bar only the last state is shown. On a terminal, \
            control characters are made visible; colours are kept.

            Times are when xpmd saw a line begin: at most 250 ms late, unless xpmd was not running. TIME is how long ago (90s, \
            10m, 2h, 1d), a time today (10:30), a date, or both (2026-11-24T10:30), in local time, or RFC 3339 with a zone.

            Output that goes to systemd's journal is read with journalctl; the same options work. There, standard error has \
            priority 4 and standard output 6; a line that begins with <N> sets its own priority.

            EXAMPLES
              xpmctl logs tensorboard -n 20
              xpmctl logs -f my_experiment:tensorboard --stderr
              xpmctl logs tensorboard --since 10m --timestamps
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
        help: ArgumentHelp("Only lines written at or after this time.", valueName: "time"))
    var since: Moment?
    @Option(help: ArgumentHelp("Only lines completed by this time.", valueName: "time"))
    var until: Moment?
    @Flag(name: .shortAndLong, help: "Show the time of each line.") var timestamps = false
    @OptionGroup var time: TimeOptions
    @Flag(help: "Print the log unchanged: control characters and all states of progress bars.") var raw = false
    @Flag(help: "Only standard output.") var stdout = false
    @Flag(help: "Only standard error.") var stderr = false
    @Argument(help: "The service.", completion: ServiceNames.completion) var name: String

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("-n takes a number of lines, 0 or more") }
        if retry && !follow { throw ValidationError("--retry needs -f") }
        if follow && until != nil { throw ValidationError("--until cannot be used with -f") }
        if raw && timestamps {
            throw ValidationError("--timestamps cannot be used with --raw")
        }
    }

    func run() throws {
        let streams: [ServiceLogs.Stream] = stdout == stderr ? [.stdout, .stderr] : stdout ? [.stdout] : [.stderr]
        let first = try connection.connect()
        // Asked once, so that both streams are of the same service whatever is added meanwhile.
        let record = try NearestNames.suggesting(first) {
            try first.call(GetService(try naming.lookup(name, on: first))).service
        }
        naming.noteElsewhere(record, named: name)
        let service = ServiceReference(record.identity)
        let form: LogPrinter.Form = raw ? .raw : StandardOutput.isTerminal ? .terminal(live: follow) : .lines
        let (lines, since, until, timestamps) = (
            lines ?? (since == nil ? 100 : nil), since?.time, until?.time, timestamps
        )
        let printer = LogPrinter(form, isTimed: timestamps, clock: time.clock)
        let request = { @Sendable (stream: ServiceLogs.Stream) in
            var request = ServiceLogs(service, stream: stream, lines: lines)
            (request.since, request.until, request.timestamps) = (since, until, timestamps ? true : nil)
            return request
        }
        if let journal = try journal(of: service, first) {
            let selection = JournalLog.Selection(
                streams: streams, lines: lines, since: since, until: until, follow: follow)
            let (connection, retry) = (connection, retry)
            let ended = try journal.print(selection, with: printer) {
                retry ? nil : Self.waitForEnd(of: service, connection)
            }
            if let ended { Self.tellEnd(of: ended) }
        } else if follow {
            let follower = LogFollower(service, streams, printer: printer, retries: retry, first: request) {
                () throws(WireError) in try connection.connect(autostart: false)
            }
            if let ended = try follower.run() { Self.tellEnd(of: ended) }
        } else {
            for stream in streams { try print(request(stream), printer, first) }
        }
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
