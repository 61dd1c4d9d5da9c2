/// The lines of standard output that came after the other stream was looked at: they may be newer than some of that which have not been
/// seen.
struct LateLines {
    /// Up to where it was seen before; no log where there was nothing.
    var log: UInt64?
    var position: UInt64

    func contains(log: UInt64, position: UInt64) -> Bool {
        self.log == nil || log == self.log && position >= self.position
    }
}

/// Makes one page of what the streams have.
struct PageBuilder {
    let query: LogQuery
    var page = LogPage()
    /// One of each stream, standard output first.
    var readers: [StreamReader]
    /// Which lines of standard output are given out only before those of the other stream.
    let late: LateLines?

    /// Bytes that were read for other things.
    let spent: Int

    // By index, for a reader is large, and a copy of it for each line would cost more than the line.
    private var work: Int {
        var sum = spent
        for index in readers.indices { sum += readers[index].work }
        return sum
    }

    private func index(of stream: LogStream) -> Int? {
        if readers.count > 0, readers[0].stream == stream { return 0 }
        return readers.count > 1 && readers[1].stream == stream ? 1 : nil
    }

    mutating func build() throws(LogReadError) {
        let limit = work + max(query.workLimit - spent, 0)
        page.bytes.reserveCapacity(min(max(query.byteLimit, 1), 1 << 20))
        var isFirst = true
        while true {
            for index in readers.indices {
                guard try readers[index].prepare(query, atMost: max(limit - work, 0)) else { return page.more = true }
            }
            guard let next = LogMerge.next(stdout: head(.stdout), stderr: head(.stderr)),
                let index = index(of: next)
            else { return }
            guard isFirst || work <= limit, page.entries.count < max(query.entryLimit, 1), !isTooEarly(index) else {
                return page.more = true
            }
            guard try give(index) else { return page.more = true }
            isFirst = false
        }
    }

    private func head(_ stream: LogStream) -> LogOrder? {
        guard let index = index(of: stream) else { return nil }
        return readers[index].head
    }

    private func isTooEarly(_ index: Int) -> Bool {
        guard let late, readers[index].stream == .stdout, head(.stderr) == nil else { return false }
        return late.contains(
            log: readers[index].scanner.spot.segment.log, position: readers[index].scanner.spot.position)
    }

    /// Gives out the next line of a stream, or a part of it; false where the page has no room for it.
    private mutating func give(_ index: Int) throws(LogReadError) -> Bool {
        if let ending = readers[index].ending {
            append(index, ending, from: page.bytes.count, .broken)
            readers[index].advance()
            return true
        }
        let mark = readers[index].scanner.spot
        let (before, limit) = (page.bytes.count, max(query.byteLimit, 1))
        let matches = mark.line == .start ? query.matches : nil
        let room = page.entries.isEmpty ? limit : limit - before
        guard room > 0 else { return false }
        var end = try take(index, matches == nil ? room : LogReader.matchLimit)
        if end == .unfinished, !query.givesUnfinished, matches != nil || head(readers[index].stream.other) == nil {
            goBack(index, mark, before)
            readers[index].withhold()
            return true
        }
        if let matches {
            guard page.bytes.withUnsafeBytes({ matches(Self.line($0, from: before)) }) else {
                page.bytes.removeLast(page.bytes.count - before)
                if end == .limit || end == .unfinished { readers[index].scanner.spot.line = .skipped }
                readers[index].advance()
                return true
            }
            if page.bytes.count > limit {
                goBack(index, mark, before)
                guard page.entries.isEmpty else { return false }
                end = try take(index, limit)
            }
        } else if end == .limit, !page.entries.isEmpty {
            goBack(index, mark, before)
            return false
        }
        if end == .limit { cut(index, from: before) }
        if end == .unfinished { readers[index].scanner.spot.line = .open }
        append(index, mark, from: before, end)
        readers[index].advance()
        return true
    }

    private mutating func take(_ index: Int, _ limit: Int) throws(LogReadError) -> LineScanner.LineEnd {
        try readers[index].scanner.take(atMost: limit, into: &page.bytes)
    }

    /// Leaves the rest of a line for the next page, not within a character.
    private mutating func cut(_ index: Int, from start: Int) {
        readers[index].scanner.spot.line = .cut
        let torn = page.bytes.tornCharacter
        guard page.bytes.count - start > torn, readers[index].scanner.spot.offset >= torn else { return }
        page.bytes.removeLast(torn)
        readers[index].scanner.spot.offset -= UInt64(torn)
    }

    private mutating func goBack(_ index: Int, _ mark: LineScanner.Spot, _ count: Int) {
        readers[index].scanner.spot = mark
        page.bytes.removeLast(page.bytes.count - count)
    }

    /// What is matched: a line without its end.
    static func line(_ bytes: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer {
        let end = bytes.count > start && bytes.last == 0x0A ? bytes.count - 1 : bytes.count
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private mutating func append(_ index: Int, _ mark: LineScanner.Spot, from start: Int, _ end: LineScanner.LineEnd) {
        var flags: LogEntry.Flags = []
        if mark.line != .start { flags.insert(.continues) }
        if end == .newline { flags.insert(.hasLineEnd) }
        if end == .limit || end == .unfinished { flags.insert(.isOpen) }
        if mark.state.isNote { flags.insert(.isNote) }
        if mark.state.isEstimated { flags.insert(.isEstimated) }
        // The newline before a note only ends the service's unfinished line.
        if mark.state.isNote, end == .newline, page.bytes.count - start == 1 {
            page.bytes.removeLast()
            return
        }
        page.entries.append(
            LogEntry(
                stream: readers[index].stream, attempt: mark.state.attempt, time: mark.state.time, flags: flags,
                bytes: start..<page.bytes.count, position: mark.position, dropped: mark.state.dropped))
        readers[index].told(dropped: mark.state.dropped)
        if page.attempts.last?.number != mark.state.attempt {
            let began = mark.state.began == 0 ? nil : mark.state.began
            page.attempts.append(LogPage.Attempt(number: mark.state.attempt, began: began))
        }
    }
}
