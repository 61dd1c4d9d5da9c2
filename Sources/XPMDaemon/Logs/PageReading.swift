import XPMLogs
import XPMPatterns
import XPMProtocol

/// Lines of a service's logs in one order, from a cursor on or the last ones.
struct PageReading: LogReading {
    let reader: LogReader
    let start: LogCursor?
    private let query: LogQuery
    private let paths: ServiceLogs.Paths
    /// The positions before which nothing is meant.
    private let oldest: [LogStream: UInt64]

    /// Matching a line may take long, so that fewer of them are looked at for one page.
    private static let workWhereMatched = 1 << 20

    /// `starts` is where the last attempt's part of each log begins. Throws where cursor or expression are unusable.
    init(
        _ request: ServiceLogs, _ streams: [ServiceLogs.Stream], in logs: LogPaths, starts: [LogStream: Int64]
    ) throws(WireError) {
        // What goes into one file is one stream.
        let isShared = logs.stdout == logs.stderr
        let wanted = Set(streams.map { isShared ? .stdout : LogStream($0) })
        let stdout = wanted.contains(.stdout) && logs.stdout != LogPaths.discarded ? logs.stdout : nil
        let stderr = wanted.contains(.stderr) && logs.stderr != LogPaths.discarded ? logs.stderr : nil
        reader = LogReader(stdout: stdout, stderr: stderr)
        paths = ServiceLogs.Paths(stdout: stdout, stderr: stderr)
        oldest = request.lastAttempt == true ? starts.mapValues { UInt64(clamping: $0) } : [:]
        var query = LogQuery(
            streams: wanted, since: request.since.map(LogTime.first(of:)), until: request.until.map(LogTime.last(of:)),
            attempt: request.attempt, givesUnfinished: request.partial ?? false,
            byteLimit: ServiceLogs.Page.textLimit, entryLimit: ServiceLogs.Page.entryLimit)
        if let text = request.grep {
            let pattern = try Self.pattern(text)
            query.matches = { bytes in
                let text = EscapeFilter.text(of: Array(String(decoding: bytes, as: UTF8.self).utf8))
                guard case .found = pattern.match(text) else { return false }
                return true
            }
            query.workLimit = Self.workWhereMatched
        }
        if let text = request.cursor {
            start = try Self.cursor(text, of: reader)
        } else if request.lines == nil, request.since != nil || request.attempt != nil {
            start = LogCursor(stdout: stdout.map { _ in 0 }, stderr: stderr.map { _ in 0 })
        } else {
            start = nil
            query.lines = request.lines ?? ServiceLogs.usualLines
        }
        self.query = query
    }

    private static func cursor(_ text: String, of reader: LogReader) throws(WireError) -> LogCursor {
        do throws(LogReadError) {
            let cursor = try LogCursor(text)
            guard cursor.streams == reader.streams else { throw .otherStreams }
            return cursor
        } catch {
            throw WireError(.invalidCursor, "\(error)")
        }
    }

    private static func pattern(_ text: String) throws(WireError) -> LinePattern {
        do throws(PatternFault) { return try LinePattern(text) } catch {
            throw error.refusal(of: text, as: "a pattern for lines", parameter: "grep")
        }
    }

    func read(_ cursor: LogCursor?) throws(LogReadError) -> LogFinding {
        var query = query
        query.cursor = cursor
        var page = try reader.page(query)
        page.entries.removeAll { $0.position < oldest[$0.stream] ?? 0 }
        let shown = Set(page.entries.map(\.attempt))
        let reply = ServiceLogs.Page(
            page.entries.map { entry(of: $0, page) },
            attempts: page.attempts.filter { shown.contains($0.number) && $0.number != 0 }.map { attempt in
                ServiceLogs.Attempt(
                    attempt.number, began: attempt.began.map { Timestamp(milliseconds: LogTime.milliseconds($0)) })
            },
            cursor: page.cursor.text, more: page.more,
            lost: page.lost.map { ServiceLogs.Loss($0.stream.onWire, bytes: $0.bytes) },
            faults: page.faults.map(\.sentence), paths: paths)
        return LogFinding(
            reply: .page(reply), cursor: page.cursor, isEmpty: page.entries.isEmpty && page.lost.isEmpty,
            more: page.more)
    }

    private func entry(of entry: LogEntry, _ page: LogPage) -> ServiceLogs.Entry {
        var bytes = page.text(of: entry)
        if entry.flags.contains(.hasLineEnd) { bytes = bytes.dropLast() }
        var shown = ServiceLogs.Entry(
            entry.stream.onWire, attempt: entry.attempt, microseconds: entry.time,
            text: String(decoding: bytes, as: UTF8.self))
        shown.isOpen = entry.flags.contains(.isOpen)
        shown.continues = entry.flags.contains(.continues)
        shown.isNote = entry.flags.contains(.isNote)
        shown.isEstimated = entry.flags.contains(.isEstimated)
        shown.dropped = entry.dropped
        return shown
    }
}

extension LogStream {
    /// The protocol's name for it.
    fileprivate var onWire: ServiceLogs.Stream { self == .stdout ? .stdout : .stderr }
}

extension LogReadFault {
    /// What people are told of it.
    fileprivate var sentence: String {
        switch self {
        case .noTimes(let path): "\(path) has no record of its lines' times: they are estimated"
        case .damagedTimes(let path, let records):
            "the times of some lines in \(path) are not known: \(records) \(records == 1 ? "record is" : "records are") damaged"
        case .missingBytes(let path):
            "lines that followed those of \(path) are missing: a file was removed, truncated or not saved whole"
        case .foreignBytes(let path): "\(path) has bytes that its service did not write"
        case .unusable(let path, let reason): "cannot read \(path): \(reason)"
        }
    }
}
