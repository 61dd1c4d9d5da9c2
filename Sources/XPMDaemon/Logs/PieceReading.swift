import XPMLogs
import XPMProtocol

/// What follows an offset in one stream, or its last lines, as text: for clients that know no cursors.
struct PieceReading: LogReading {
    let stream: LogStream
    let path: String
    let reader: LogReader
    let start: LogCursor?
    private let query: LogQuery
    private let timestamps: Bool
    /// The offset at which what is asked for begins.
    private let oldest: UInt64

    /// The most bytes of a piece.
    static let limit = 1 << 20

    /// `attempt` is where the last attempt's part of the log begins.
    init(_ request: ServiceLogs, _ stream: ServiceLogs.Stream, path: String, attempt: Int64 = 0) {
        self.stream = LogStream(stream)
        self.path = path
        reader = self.stream == .stdout ? LogReader(stdout: path, stderr: nil) : LogReader(stdout: nil, stderr: path)
        timestamps = request.timestamps ?? false
        oldest = request.lastAttempt == true ? UInt64(clamping: attempt) : 0
        var query = LogQuery(
            streams: [self.stream], since: request.since.map(LogTime.first(of:)),
            until: request.until.map(LogTime.last(of:)),
            givesUnfinished: true, byteLimit: Self.limit, entryLimit: .max)
        if let offset = request.offset {
            start = LogCursor(self.stream, position: max(UInt64(clamping: offset), oldest))
        } else if request.lines == nil, request.since != nil {
            start = LogCursor(self.stream, position: oldest)
        } else {
            start = nil
            query.lines = request.lines ?? ServiceLogs.usualLines
        }
        self.query = query
    }

    func read(_ cursor: LogCursor?) throws(LogReadError) -> LogFinding {
        guard let from = cursor ?? start else { return try readLast() }
        var finding = finding(of: try page(from))
        // An offset may lie behind all that there is; the bytes before it are not meant when they come.
        if finding.isEmpty, !finding.more { finding.cursor = from }
        return finding
    }

    /// The last lines, and of those the last that there is room for.
    private func readLast() throws(LogReadError) -> LogFinding {
        var page = try page(nil)
        while page.more {
            let next = try self.page(page.cursor)
            page.append(next)
            page.drop(toLimit: Self.limit)
        }
        return finding(of: page)
    }

    private func page(_ cursor: LogCursor?) throws(LogReadError) -> LogPage {
        var query = query
        query.cursor = cursor
        var page = try reader.page(query)
        page.entries.removeAll { $0.position < oldest }
        return page
    }

    private func finding(of page: LogPage) -> LogFinding {
        var bytes: [UInt8] = []
        for entry in page.entries { bytes += page.text(of: entry) }
        // A piece may end within a character; what is cut comes with the next one.
        let whole = bytes.dropLast(bytes.tornCharacter)
        let next = page.cursor.position(of: stream) - UInt64(bytes.count - whole.count)
        let piece = ServiceLogs.Piece(
            text: String(decoding: whole, as: UTF8.self), next: Int64(clamping: next), path: path,
            times: timestamps ? times(of: page) : nil)
        return LogFinding(
            reply: .piece(piece), cursor: whole.count < bytes.count ? LogCursor(stream, position: next) : page.cursor,
            isEmpty: whole.isEmpty, more: page.more)
    }

    private func times(of page: LogPage) -> [ServiceLogs.LineTime] {
        var times: [ServiceLogs.LineTime] = []
        for entry in page.entries where !entry.bytes.isEmpty {
            let at = Timestamp(milliseconds: LogTime.milliseconds(entry.time))
            if times.last?.at == at {
                times[times.count - 1].lines += 1
            } else {
                times.append(.init(at: at, lines: 1))
            }
        }
        return times
    }
}

extension LogPage {
    /// Adds what the next page has.
    fileprivate mutating func append(_ next: LogPage) {
        let offset = bytes.count
        bytes += next.bytes
        entries += next.entries.map { entry in
            var entry = entry
            entry.bytes = entry.bytes.lowerBound + offset..<entry.bytes.upperBound + offset
            return entry
        }
        (cursor, more) = (next.cursor, next.more)
    }

    /// Drops the oldest entries until the others have no more bytes than that, or one is left.
    fileprivate mutating func drop(toLimit limit: Int) {
        guard let end = entries.last?.bytes.upperBound, end > limit else { return }
        let first = entries.firstIndex { end - $0.bytes.lowerBound <= limit } ?? entries.count - 1
        let start = entries[first].bytes.lowerBound
        entries = entries[first...].map { entry in
            var entry = entry
            entry.bytes = entry.bytes.lowerBound - start..<entry.bytes.upperBound - start
            return entry
        }
        bytes.removeFirst(start)
    }
}
