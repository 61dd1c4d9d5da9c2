import Glibc
import XPMClient
import XPMProtocol

/// A log that is in the journal of systemd: what journalctl tells of it, in the form of any other log.
struct JournalLog {
    /// Which lines are wanted.
    struct Selection {
        var streams: [ServiceLogs.Stream]
        /// The last so many lines; all where this is nil.
        var lines: Int?
        var since: Timestamp?
        var until: Timestamp?
        var grep: String?
        var follow = false
    }

    /// xpmd's refusal to read it, in which it says how to.
    private let refusal: WireError
    /// journalctl, with what tells the service's lines from others'.
    private let command: [String]

    /// Nil where `error` tells of anything else.
    init?(_ error: WireError) {
        guard error.code == .unsupported, case .array(let words)? = error.data["arguments"] else { return nil }
        command = words.compactMap(\.text)
        guard command.count == words.count, command.first == "journalctl" else { return nil }
        refusal = error
    }

    /// What is run for a selection. The streams are told apart by the priority that xpm-keeper gives them.
    func arguments(for selection: Selection) -> [String] {
        var arguments =
            command + ["--quiet", "--no-pager", "--all", "--output=json", "--output-fields=MESSAGE,PRIORITY"]
        if selection.streams.count == 1 {
            arguments += selection.streams.map { "PRIORITY=\(JournalLine.priority(of: $0))" }
        }
        if let lines = selection.lines { arguments.append("--lines=\(lines)") }
        if let since = selection.since { arguments.append("--since=\(since.forJournalctl)") }
        if let until = selection.until { arguments.append("--until=\(until.forJournalctl)") }
        // As it is everywhere else, not without regard to case where the pattern has lower case only.
        if let grep = selection.grep { arguments += ["--grep=\(grep)", "--case-sensitive=true"] }
        if selection.follow { arguments += ["--follow"] + (selection.lines == nil ? ["--no-tail"] : []) }
        return arguments
    }

    /// Prints what is selected, and with `follow` what comes: until a signal, or until the service has ended and all that it wrote is
    /// printed. Then that service is returned, which `waitForEnd` has given on a thread of its own.
    func print(
        _ selection: Selection, with printer: LogPrinter,
        waitForEnd: @escaping @Sendable () -> ServiceRecord? = { nil }
    ) throws -> ServiceRecord? {
        let journal = JournalProcess()
        Interruption.atSignals {
            journal.end()
            try? printer.finish()
        }
        Readers.watch([StandardOutput.descriptor]) { journal.end() }
        if selection.follow { Thread.start { if let service = waitForEnd() { journal.end(with: service) } } }
        let began = Timestamp.now
        let last = try run(arguments(for: selection), journal, printer)
        guard let service = journal.service else {
            try printer.finish()
            return nil
        }
        // It may have been ended before it had read the last lines.
        var rest = Selection(streams: selection.streams, grep: selection.grep)
        rest.since = last == nil ? max(began, selection.since ?? began) : nil
        let behind = last.map { ["--after-cursor=\($0)"] } ?? []
        _ = try run(arguments(for: rest) + behind, JournalProcess(), printer)
        try printer.finish()
        return service
    }

    /// Runs journalctl to its end and prints what it tells; gives where in the journal the last line stands.
    private func run(_ arguments: [String], _ journal: JournalProcess, _ printer: LogPrinter) throws -> String? {
        let environment = ProcessEnvironment.current
        guard let path = Executable.find("journalctl", path: environment["PATH"]) else {
            throw failure("journalctl is not in PATH")
        }
        var pipe = try Pipe()
        let spawn = Spawn(
            path: path, arguments: arguments, environment: environment,
            descriptors: [(pipe.writing, STDOUT_FILENO)], files: [("/dev/null", O_RDONLY, STDIN_FILENO)])
        switch spawn.run() {
        case .success(let id): journal.began(id)
        case .failure(let error): throw failure("\(path): \(String(cString: strerror(error.code)))")
        }
        pipe.closeWriting()
        let last = try read(from: pipe, to: printer)
        let code = journal.wait()
        if code != 0, !journal.isEnded { throw failure("journalctl failed with exit code \(code)") }
        return last
    }

    private func read(from pipe: borrowing Pipe, to printer: LogPrinter) throws -> String? {
        var rest: [UInt8] = []
        var last: String?
        while case let bytes = pipe.next(), !bytes.isEmpty {
            rest += bytes
            var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let unfinished = Array(lines.removeLast())
            for line in lines {
                guard let line = JournalLine(json: Array(line)) else { continue }
                try printer.add(line.piece, of: line.stream)
                last = line.cursor ?? last
            }
            rest = unfinished
        }
        return last
    }

    private func failure(_ cause: String) -> WireError {
        WireError(refusal.code, "\(refusal.message), but \(cause)", data: refusal.data)
    }
}

extension Timestamp {
    /// Seconds of the epoch: no zone is to be guessed.
    fileprivate var forJournalctl: String {
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "@\(milliseconds / 1000).\(fraction)"
    }
}
