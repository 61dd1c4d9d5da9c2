import ArgumentParser
import XPMClient
import XPMProtocol

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the logs of services; with -f, follow them.",
        discussion: """
            Prints what services wrote to standard output and standard error, in the order in which it arrived. With -f, goes on as \
            they write, until each service has ended and no restart is due. Rotated files are read too. Of a progress bar only the \
            last state is shown. On a terminal, control characters are made visible, colors are kept, and a line shows where a new \
            attempt begins or lines were lost. Elsewhere, a line is printed when it is complete. With several services or a \
            pattern, each line begins with the name of its service.

            Times are when the first byte of a line arrived. TIME is how long ago (90s, 10m, 2h, 1d), a time today (10:30), a \
            date, or both (2026-11-24T10:30), in local time, or RFC 3339 with a zone. PATTERN is a regular expression of PCRE2; \
            (?i) at its beginning ignores case. --output json prints an object for each line, with service, stream, attempt, at and \
            text.

            --clear empties the log files and deletes the rotated ones. The services keep writing.

            Output that goes to systemd's journal is read with journalctl; the same options work, except --attempt, \
            --last-attempt, --output json and --clear. There, standard error has priority 4 and standard output 6; a line that \
            begins with <N> sets its own priority.

            EXAMPLES
              xpmctl logs tensorboard -n 20
              xpmctl logs -f my_experiment:tensorboard --stderr
              xpmctl logs tensorboard --since 10m --timestamps
              xpmctl logs trainer --last-attempt --grep 'error|warning'
              xpmctl logs -f 'tensor*' trainer
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .shortAndLong, help: "Follow new lines until the service has ended.") var follow = false
    @Flag(help: "With -f: do not exit when the service ends; wait for its next start.") var retry = false
    @Option(
        name: [.customShort("n"), .long],
        help: "Lines to show of each service (default: 100; with --since, all).")
    var lines: Int?
    @Option(
        help: ArgumentHelp("Only lines written at or after this time.", valueName: "time"),
        transform: { try Moment.option($0) })
    var since: Moment?
    @Option(
        help: ArgumentHelp("Only lines written at or before this time.", valueName: "time"),
        transform: { try Moment.option($0) })
    var until: Moment?
    @Option(help: ArgumentHelp("Only lines that match this regular expression.", valueName: "pattern"))
    var grep: String?
    @Option(help: ArgumentHelp("Only lines of this attempt; status shows the number of the last.", valueName: "number"))
    var attempt: UInt64?
    @Flag(help: "Only lines of the running or last attempt.") var lastAttempt = false
    @Flag(name: .shortAndLong, help: "Show the time of each line.") var timestamps = false
    @OptionGroup var time: TimeOptions
    @Flag(help: "Print the log unchanged: control characters and all states of progress bars.") var raw = false
    @Flag(help: "Only standard output.") var stdout = false
    @Flag(help: "Only standard error.") var stderr = false
    @Flag(help: "Empty the log files instead of printing them.") var clear = false
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("-n takes a number of lines, 0 or more") }
        if retry && !follow { throw ValidationError("--retry needs -f") }
        if follow && until != nil { throw ValidationError("--until cannot be used with -f") }
        if lastAttempt && attempt != nil { throw ValidationError("--last-attempt cannot be used with --attempt") }
        if raw && timestamps {
            throw ValidationError("--timestamps cannot be used with --raw")
        }
        if raw && isJSON { throw ValidationError("--raw cannot be used with --output json") }
        if clear, let option = optionsOfReading.first { throw ValidationError("\(option) cannot be used with --clear") }
    }

    /// Those that say how to read: all of a log is cleared.
    private var optionsOfReading: [String] {
        [
            ("-f", follow), ("-n", lines != nil), ("--since", since != nil), ("--until", until != nil),
            ("--grep", grep != nil), ("--attempt", attempt != nil), ("--last-attempt", lastAttempt),
            ("--timestamps", timestamps), ("--raw", raw), ("--stdout", stdout), ("--stderr", stderr),
        ].filter(\.1).map(\.0)
    }

    func run() throws {
        let batch = try Batch(names, connection, naming)
        if clear { return try LogClearing.run(batch, naming, output.output) }
        if raw, batch.named.count > 1 { throw ValidationError("--raw cannot be used with several services") }
        // Asked once, so that all requests are of the same service whatever is added meanwhile.
        var found: [(member: Member, service: ServiceRecord)] = []
        try batch.ask(batch.members(naming.lookup), { GetService($0) }) { member, reply in
            naming.noteElsewhere(reply.service, named: batch.named[member.index].text)
            found.append((member, reply.service))
        }
        found.sort { $0.member.index < $1.member.index }
        let labels = batch.isSingle || raw ? nil : LogLabels(found.map(\.service.identity))
        let reading = LogReading(batch, selection, look, follows: follow)
        for (member, service) in found {
            try batch.attempt(member.index) {
                try reading.add(service, at: member.index, label: labels?.label(of: service.identity)) {
                    journal, printer in
                    try print(journal, of: service.identity, with: printer, isAlone: found.count == 1)
                }
            }
        }
        let followed = try reading.print()
        for (member, service) in found where reading.silent.contains(member.index) { tellOfAttempts(of: service) }
        try follow(followed, of: batch)
        try batch.finish()
    }

    /// Their numbers are never used again, by any service: whoever takes them for the service's own finds nothing.
    private func tellOfAttempts(of service: ServiceRecord) {
        guard let attempt else { return }
        let last = service.attempt.map { "its last attempt is \($0)" } ?? "it has not run yet"
        StandardError.line(
            "xpmctl: the log of \(service.identity.fullName) has no such line of attempt \(attempt); \(last)")
    }

    private var isJSON: Bool { output.output == .json }

    private var selection: LogSelection {
        LogSelection(
            streams: stdout == stderr ? [.stdout, .stderr] : stdout ? [.stdout] : [.stderr],
            lines: lines ?? (since == nil ? ServiceLogs.usualLines : nil), since: since?.time, until: until?.time,
            attempt: attempt, isOfLastAttempt: lastAttempt, grep: grep)
    }

    private var look: LogReading.Look {
        let isTerminal = StandardOutput.isTerminal
        // An unfinished line stands below all others, which only one service's can.
        let isLive = follow && names.count == 1 && !ServicePattern.isPattern(names[0])
        return LogReading.Look(
            form: raw ? .raw : isTerminal ? .terminal(live: isLive) : .lines, isJSON: isJSON, isTimed: timestamps,
            clock: time.clock, separates: isTerminal && !raw && !isJSON, style: .forTerminal(isTerminal))
    }

    private func follow(_ followed: [(index: Int, source: LogFollower.Source)], of batch: Batch) throws {
        guard !followed.isEmpty else { return }
        let printers = followed.compactMap(\.source.printer)
        // The line that a progress bar has not finished is printed all the same.
        Interruption.atSignals { for printer in printers { try? printer.finish() } }
        Readers.watch([StandardOutput.descriptor])
        let follower = LogFollower(followed.map(\.source), retries: retry) { () throws(WireError) in
            try connection.connect(autostart: false)
        } finished: { place, result in
            try batch.attempt(followed[place].index) { try FollowedEnd.tell(of: result.get()) }
        }
        try follower.run()
    }

    private func print(
        _ journal: JournalLog, of identity: ServiceIdentity, with printer: LogPrinter, isAlone: Bool
    ) throws {
        let name = identity.fullName
        if follow, !isAlone {
            throw WireError(
                .unsupported, "cannot follow the log of \(name) together with others: it is in the journal")
        }
        let unknown = [
            ("--attempt", attempt != nil), ("--last-attempt", lastAttempt), ("--output json", isJSON),
        ]
        if let (option, _) = unknown.first(where: \.1) {
            throw WireError(.unsupported, "cannot use \(option) with the log of \(name): it is in the journal")
        }
        let wanted = selection
        let lines = JournalLog.Selection(
            streams: wanted.streams, lines: wanted.lines, since: wanted.since, until: wanted.until, grep: grep,
            follow: follow)
        let (connection, retry) = (connection, retry)
        let ended = try journal.print(lines, with: printer) {
            retry ? nil : FollowedEnd.wait(for: ServiceReference(identity), connection)
        }
        if let ended { FollowedEnd.tell(of: ended) }
    }
}
