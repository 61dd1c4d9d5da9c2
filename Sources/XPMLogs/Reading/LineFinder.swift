/// Finds the lines of one stream from a place backwards, in bounded memory: a block is read forwards for the lines that begin in it.
struct LineFinder {
    /// Where a line begins.
    struct Start {
        var order: LogOrder
        var place: LogCursor.Place
        var isFinished = true
    }

    /// Bytes of a block; of the next one twice as many where none was found.
    private static let block: UInt64 = 64 << 10
    private static let largestBlock: UInt64 = 256 << 10

    private let files: StreamFiles
    private let query: LogQuery
    /// What lies before this has not been looked through.
    private var lower: (segment: LogSegment, offset: UInt64)?
    private var isExhausted = false
    private var starts: [Start] = []
    /// What lies before `lower` ends in a line that is not finished.
    private var endsOpen = false
    private var size = block
    /// Everything that was found and taken lies from here on.
    private(set) var place: LogCursor.Place
    private(set) var work = 0

    /// Goes back from a place, or from the end.
    init(_ files: StreamFiles, _ query: LogQuery, from place: LogCursor.Place?) throws(LogReadError) {
        (self.files, self.query) = (files, query)
        self.place = place ?? LogCursor.Place()
        if let place {
            lower = try files.locate(place).map { ($0.segment, $0.offset) }
        } else if let last = try files.newest() {
            lower = (last, last.end)
            self.place = try end(at: (last, last.end))
        }
    }

    /// Where one stands who has read everything up to there: within a line that is not finished, maybe.
    private func end(at bound: (segment: LogSegment, offset: UInt64)) throws(LogReadError) -> LogCursor.Place {
        var scanner = try before(bound)
        var none: [UInt8] = []
        try scanner.settle()
        guard !scanner.isAtEnd, scanner.spot.line == .skipped else { return scanner.place(.start) }
        let end = try scanner.take(atMost: 1, into: &none, keeps: false)
        // What no newline ends, but the end of its attempt, does not go on either.
        return scanner.place(end == .newline || end == .broken ? .start : .open)
    }

    /// By what the line before is ordered; nil where there is none. Gives up where `atMost` bytes do not suffice, but not before it has
    /// read a block.
    mutating func last(atMost limit: Int) throws(LogReadError) -> (order: LogOrder?, isKnown: Bool) {
        while starts.isEmpty, !isExhausted, let bound = lower {
            guard work == 0 || work <= limit else { return (nil, false) }
            try look(before: bound)
        }
        return (starts.last?.order, true)
    }

    /// The line that was found before.
    var last: Start? { starts.last }

    /// Takes the line that was found.
    mutating func take() {
        if let start = starts.popLast() { place = start.place }
    }

    /// Where another one may go on that is to find more lines: what was looked through without finding any is not looked through again.
    var progress: LogCursor.Place {
        guard starts.isEmpty, let lower else { return place }
        // The line that begins right there was taken: it is not to be passed over.
        if lower.segment.log == place.log, lower.segment.base + lower.offset == place.position { return place }
        return LogCursor.Place(
            log: lower.segment.log, position: lower.segment.base + lower.offset, line: isExhausted ? .start : .skipped,
            file: lower.segment.fileNumber)
    }

    /// A scanner on the byte before, within whatever line that is; at the very beginning at a line's start.
    private func before(_ bound: (segment: LogSegment, offset: UInt64)) throws(LogReadError) -> LineScanner {
        if bound.offset > 0 { return try LineScanner(files, at: bound.offset - 1, of: bound.segment, line: .skipped) }
        var older = try files.previous(before: bound.segment)
        while let segment = older {
            try files.clip(segment)
            if segment.end > 0 { return try LineScanner(files, at: segment.end - 1, of: segment, line: .skipped) }
            older = try files.previous(before: segment)
        }
        return try LineScanner(files, at: 0, of: bound.segment)
    }

    private mutating func look(before bound: (segment: LogSegment, offset: UInt64)) throws(LogReadError) {
        guard bound.offset > 0 else {
            let older = try files.previous(before: bound.segment)
            if let older { try files.clip(older) }
            if let older { lower = (older, older.end) } else { isExhausted = true }
            return
        }
        let from = bound.offset - min(bound.offset, size)
        var scanner = try before((bound.segment, from))
        var bytes: [UInt8] = []
        var (isOpen, isOneLine) = (false, true)
        try scanner.settle()
        while let left = scanner.distance(to: bound) {
            var isFound = false
            if scanner.spot.line == .start {
                guard query.admits(scanner.spot.state) else {
                    try scanner.leap(query, atMost: 1 << 20)
                    scanner.spot.line = .skipped
                    isOneLine = false
                    continue
                }
                isFound = try isMatch(&scanner, &bytes)
                if isFound { starts.append(Start(order: scanner.spot.state.order, place: scanner.place(.start))) }
            }
            scanner.spot.line = .skipped
            let end = try scanner.take(atMost: left, into: &bytes, keeps: false)
            isOpen = end == .unfinished || end == .limit && endsOpen
            if isFound { starts[starts.count - 1].isFinished = !isOpen }
            if end == .newline || end == .broken { isOneLine = false }
            if end == .unfinished { break }
            try scanner.settle()
        }
        endsOpen = isOpen && isOneLine
        lower = (bound.segment, from)
        size = starts.isEmpty ? min(size * 2, Self.largestBlock) : Self.block
        work += scanner.work
    }

    /// Whether the line that the scanner stands before is wanted; it stays there.
    private func isMatch(_ scanner: inout LineScanner, _ bytes: inout [UInt8]) throws(LogReadError) -> Bool {
        let isNote = scanner.spot.state.isNote
        guard query.matches != nil || isNote else { return true }
        let mark = scanner.spot
        bytes.removeAll(keepingCapacity: true)
        let end = try scanner.take(atMost: LogReader.matchLimit, into: &bytes)
        scanner.spot = mark
        // It will be matched when it is finished.
        if end == .unfinished, !query.givesUnfinished, query.matches != nil { return false }
        // As a page leaves it out.
        if isNote, end == .newline, bytes.count == 1 { return false }
        guard let matches = query.matches else { return true }
        return bytes.withUnsafeBytes { matches(PageBuilder.line($0, from: 0)) }
    }
}

extension LineScanner {
    /// The place where it stands, with a line that has come so far.
    func place(_ line: LogCursor.Place.Line) -> LogCursor.Place {
        LogCursor.Place(
            log: spot.segment.log, position: spot.position, line: line, attempt: spot.state.attempt,
            began: spot.state.began, file: spot.segment.fileNumber)
    }

    /// Bytes to a place; nil where it is reached, or there is nothing before it any more.
    fileprivate func distance(to bound: (segment: LogSegment, offset: UInt64)) -> Int? {
        guard !isAtEnd else { return nil }
        let (here, there) = (spot.segment.rotation ?? .max, bound.segment.rotation ?? .max)
        if here < there { return Int(clamping: spot.segment.end - spot.offset + bound.offset) }
        return here == there && spot.offset < bound.offset ? Int(clamping: bound.offset - spot.offset) : nil
    }
}
