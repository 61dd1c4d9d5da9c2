import XPMProtocol

/// What somebody wants to read of a log. Answering blocks: for a worker thread.
struct LogQuery: Sendable {
    var path: String
    var lines: Int?
    var offset: Int64?
    var since: Timestamp?
    var until: Timestamp?
    var timestamps = false
    /// Where what is asked for begins.
    var start: Int64 = 0

    private static let defaultLines = 100

    /// `attempt` is where the last attempt's part of the log begins.
    init(_ request: ServiceLogs, path: String, attempt: Int64 = 0) {
        self.path = path
        if request.lastAttempt == true { start = attempt }
        (lines, offset) = (request.lines, request.offset)
        (since, until, timestamps) = (request.since, request.until, request.timestamps ?? false)
    }

    func answer() throws(LogFault) -> ServiceLogs.Reply {
        let log = try LogSnapshot(path)
        let isTimed = timestamps || since != nil || until != nil
        let index = isTimed ? try LogIndex(of: log) : LogIndex([])
        var oldest = min(max(log.state.oldest, start), log.end)
        var end = log.end
        if let until { end = try lineStart(log, index.end(before: until.milliseconds + 1)) }
        if let since { oldest = max(oldest, try lineStart(log, index.end(before: since.milliseconds))) }
        let piece = try piece(of: log, from: oldest, to: max(end, oldest))
        // A piece may end within a character; what is cut comes with the next one.
        let whole = piece.bytes.withoutTornCharacter
        return ServiceLogs.Reply(
            text: String(decoding: whole, as: UTF8.self), next: piece.from + Int64(whole.count), path: path,
            times: timestamps ? times(of: whole, from: piece.from, index) : nil)
    }

    private func piece(of log: LogSnapshot, from oldest: Int64, to end: Int64) throws(LogFault) -> LogFile.Piece {
        if let offset { return try LogFile.read(log, from: max(offset, oldest), to: end) }
        if lines == nil && since != nil { return try LogFile.read(log, from: oldest, to: end) }
        return try LogFile.tail(log, lines: lines ?? Self.defaultLines, from: oldest, to: end)
    }

    private func lineStart(_ log: LogSnapshot, _ offset: Int64) throws(LogFault) -> Int64 {
        try LogFile.lineStart(log, min(max(offset, log.state.oldest), log.end))
    }

    private func times(of bytes: ArraySlice<UInt8>, from offset: Int64, _ index: LogIndex) -> [ServiceLogs.LineTime] {
        var times: [ServiceLogs.LineTime] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let at = Timestamp(milliseconds: index.time(of: offset + Int64(start - bytes.startIndex)) ?? 0)
            if times.last?.at == at {
                times[times.count - 1].lines += 1
            } else {
                times.append(.init(at: at, lines: 1))
            }
            start = bytes[start...].firstIndex(of: LogFile.newline).map { $0 + 1 } ?? bytes.endIndex
        }
        return times
    }
}

extension [UInt8] {
    /// The bytes without the beginning of a UTF-8 character at their end. All of them where nothing else would be left.
    var withoutTornCharacter: ArraySlice<UInt8> {
        for back in 1...3 where count > back {
            let byte = self[count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
            return length > back ? self[..<(count - back)] : self[...]
        }
        return self[...]
    }
}
