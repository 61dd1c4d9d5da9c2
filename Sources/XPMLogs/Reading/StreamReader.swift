/// Reads one stream's log on, line by line.
struct StreamReader {
    let stream: LogStream
    let files: StreamFiles
    var scanner: LineScanner
    private(set) var loss: LogPage.Loss?
    /// By what the next line is ordered; nil where there is none to give out.
    private(set) var head: LogOrder?
    /// The end of a line that was given out as far as it was there, and will not be continued: where it was left.
    private(set) var ending: LineScanner.Spot?
    private var isPrepared = false

    /// Goes on from a place; nil where there are no files.
    init?(_ stream: LogStream, _ files: StreamFiles, from place: LogCursor.Place) throws(LogReadError) {
        (self.stream, self.files) = (stream, files)
        guard let location = try files.locate(place) else { return nil }
        if location.isLost { loss = LogPage.Loss(stream: stream, bytes: location.bytes) }
        let isWhere = !location.isLost
        scanner = try LineScanner(
            files, at: location.offset, of: location.segment, line: isWhere ? place.line : .start,
            attempt: isWhere ? place.attempt : 0, began: isWhere ? place.began : 0)
    }

    var work: Int { scanner.work }

    /// What is done in any case, whatever the limit: else a page might bring nobody further.
    private static let leastWork = 64 << 10

    /// Finds the next line that the query may mean, in bounded work; false where that did not suffice.
    mutating func prepare(_ query: LogQuery, atMost work: Int) throws(LogReadError) -> Bool {
        guard !isPrepared else { return true }
        var none: [UInt8] = []
        let limit = self.work + max(work, Self.leastWork)
        var isFirst = true
        while true {
            let before = scanner.spot
            if try scanner.settle(), before.line == .open || before.line == .cut {
                (ending, head) = (before, .first)
                break
            }
            guard !scanner.isAtEnd else { break }
            switch scanner.spot.line {
            case .cut: head = .first
            case .open: head = scanner.spot.state.order
            case .start where !query.selects || query.admits(scanner.spot.state): head = scanner.spot.state.order
            case .start:
                guard isFirst || self.work <= limit else { return false }
                let room = max(limit - self.work, Self.leastWork)
                isFirst = false
                try scanner.leap(query, atMost: room)
                scanner.spot.line = .skipped
                continue
            case .skipped:
                let room = max(limit - self.work, isFirst ? Self.leastWork : 0)
                isFirst = false
                let end = room > 0 ? try scanner.take(atMost: room, into: &none, keeps: false) : .limit
                if end == .limit { return false }
                if end == .unfinished { break }
                continue
            }
            break
        }
        isPrepared = true
        return true
    }

    /// The line that was prepared is taken.
    mutating func advance() { (head, ending, isPrepared) = (nil, nil, false) }

    /// So many dropped lines have been told of; more may have been met behind the line.
    mutating func told(dropped: UInt64) {
        let known = scanner.spot.state.dropped
        scanner.spot.state.dropped = known - min(known, dropped)
    }

    /// It gives out nothing more.
    mutating func withhold() { (head, isPrepared) = (nil, true) }

    /// Where it stands, for a cursor.
    var here: LogCursor.Place {
        let spot = scanner.spot
        return LogCursor.Place(
            log: spot.segment.log, position: spot.position, line: spot.line, attempt: spot.state.attempt,
            began: spot.state.began, file: spot.segment.fileNumber)
    }

    /// What is gone of what it should have read.
    var losses: [LogPage.Loss] {
        var losses = loss.map { [$0] } ?? []
        if scanner.lost > 0 { losses.append(LogPage.Loss(stream: stream, bytes: scanner.lost)) }
        if scanner.hasUnknownLoss { losses.append(LogPage.Loss(stream: stream, bytes: nil)) }
        return losses
    }
}
