extension LineScanner {
    /// Damaged records in a row that are passed over; what comes behind more of them is not looked at.
    private static let damageLimit = 16 << 10
    /// More bytes than one record tells of.
    private static let longestRead: UInt64 = 1 << 20
    /// Records behind one that is doubted.
    private static let lookahead = 16
    /// Records that are looked through for the attempt that a place lies in: it is told again more often.
    private static let attemptSearch = 2 * LogWriter.attemptInterval

    /// Stands at an offset of a file from now on, with what the records before it tell. Not settled yet.
    mutating func enter(
        _ segment: LogSegment, at offset: UInt64, line: LogCursor.Place.Line, attempt: UInt64, began: Int64
    ) throws(LogReadError) {
        spot = Spot(segment: segment, offset: offset, line: line)
        spot.state = RecordState(attempt: attempt, began: began, time: segment.estimate, isEstimated: true)
        guard segment.records > 0 else { return }
        let index = try firstRecord(of: segment, at: offset)
        var before = index - 1
        while before >= 0, before > index - Self.damageLimit {
            if let record = try records.record(before, of: segment, .backward) {
                spot.applied = max(spot.applied, min(record.offset, offset))
                if record.kind == .data || record.kind == .note {
                    _ = spot.state.apply(record)
                    break
                }
            }
            before -= 1
        }
        if attempt == 0, let found = try lastAttempt(before: index, of: segment) {
            (spot.state.attempt, spot.state.began) = found
        }
        spot.state.dropped = 0
        try fetch(from: index)
    }

    /// The number of the first record at or behind an offset. Where records are damaged it may be an earlier one.
    private mutating func firstRecord(of segment: LogSegment, at offset: UInt64) throws(LogReadError) -> Int {
        var (low, high) = (0, segment.records)
        while low < high {
            let middle = low + (high - low) / 2
            var probe = middle
            var record = try records.record(probe, of: segment, .search)
            while record == nil, probe + 1 < min(high, middle + 16) {
                probe += 1
                record = try records.record(probe, of: segment, .search)
            }
            if let record, record.offset < offset { low = probe + 1 } else { high = middle }
        }
        return low
    }

    /// Makes the first good record from number `index` on the next one. One that goes back is not good.
    mutating func fetch(from index: Int) throws(LogReadError) {
        var index = index
        let last = min(index + Self.damageLimit, spot.segment.records)
        var damaged = 0
        defer {
            if damaged > 0 { files.tell(.damagedTimes(path: spot.segment.path, records: damaged)) }
        }
        while index < last {
            if let record = try records.record(index, of: spot.segment), record.offset >= spot.applied,
                try isPossible(record, at: index)
            {
                (spot.record, spot.index) = (record, index)
                return
            }
            damaged += 1
            index += 1
        }
        (spot.record, spot.index) = (nil, index)
    }

    /// Whether none of the next records leads back from one that leads far away.
    private mutating func isPossible(_ record: LogRecord, at index: Int) throws(LogReadError) -> Bool {
        guard record.offset > spot.segment.end || record.offset - spot.applied > Self.longestRead else { return true }
        for ahead in index + 1..<index + 1 + Self.lookahead {
            guard let next = try records.record(ahead, of: spot.segment), next.offset >= spot.applied else { continue }
            if next.offset < record.offset { return false }
        }
        return true
    }

    /// The attempt that goes on at a record: from the last record before it that tells, in older files, too.
    private mutating func lastAttempt(
        before index: Int, of segment: LogSegment
    ) throws(LogReadError) -> (UInt64, Int64)? {
        var (segment, index, left) = (segment, index, Self.attemptSearch)
        while left > 0 {
            while let found = try records.last(.attempt, before: index, of: segment, atMost: &left) {
                if let record = try records.record(found, of: segment, .backward) {
                    return (record.value, RecordState.bounded(record.time))
                }
                index = found
            }
            guard let older = try files.previous(before: segment), older.log == segment.log else { return nil }
            (segment, index, left) = (older, older.records, left - 1)
        }
        return nil
    }
}
