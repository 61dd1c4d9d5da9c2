import CLinux
import Glibc

/// Lines that a stream's log does not have, and what it tells of them.
extension Stream {
    /// Takes up what an earlier logger counted of this very stream.
    func restoreDrops() {
        entry = drops?.find(order.path, pipe: pipeInode)
        guard let entry else { return }
        var state = entry.state
        if state.isCounting {
            // It was killed between taking something and counting it. Maybe nothing was taken: then a whole line is passed over.
            if !state.isSkipping { entry.dropped &+= 1 }
            (state.isSkipping, state.isCounting, state.isAtLeast) = (true, false, true)
            entry.state = state
        }
        cause = state.cause
        dropped = entry.unnoted
    }

    /// Takes up what streams before it left: its log is open, and nobody else writes it.
    func adoptOrphans() { orphans += drops?.orphans(order.path) ?? [] }

    /// The table's entries may be somebody else's.
    func releaseDrops() {
        for entry in orphans + [entry].compactMap(\.self) where entry.index >= 0 { drops?.release(entry) }
        (entry, orphans) = (nil, [])
    }

    /// Its pipe has ended: no line goes on.
    func endDrops() {
        if entry != nil { isSkipping = false }
        releaseDrops()
    }

    /// What comes next is the rest of a line that counts as dropped.
    var isSkipping: Bool {
        get { entry?.state.isSkipping ?? false }
        set { if let entry, entry.state.isSkipping != newValue { entry.state.isSkipping = newValue } }
    }

    /// Lines that were dropped and that the log does not tell of yet.
    var unnoted: UInt64 { (entry?.unnoted ?? 0) &+ orphans.reduce(0) { $0 &+ $1.unnoted } }

    /// Something is about to be dropped. Who is killed before it counts leaves word of that.
    func beginDropping() { makeEntry().state.isCounting = true }

    /// Nothing was dropped after all.
    func endDropping() { entry?.state.isCounting = false }

    /// Counts the lines of bytes that are not written.
    func drop(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last else { return endDropping() }
        let entry = makeEntry()
        var state = entry.state
        var lines = UInt64(xpm_count_lines(bytes.baseAddress, UInt(bytes.count)))
        if state.isSkipping && lines > 0 {
            lines -= 1
            state.isSkipping = false
        }
        if last != UInt8(ascii: "\n") && !state.isSkipping {
            lines += 1
            state.isSkipping = true
        }
        state.isCounting = false
        if lines > 0 && entry.unnoted == 0 { entry.stamp = .now }
        dropped &+= lines
        entry.dropped &+= lines
        entry.state = state
    }

    private func makeEntry() -> DropEntry {
        if let entry { return entry }
        let made = drops?.make(order.path, pipe: pipeInode) ?? makeOwnEntry()
        made.state.cause = cause
        entry = made
        return made
    }

    private func makeOwnEntry() -> DropEntry {
        let memory = ownMemory ?? .allocate(byteCount: DropEntry.length, alignment: 8)
        ownMemory = memory
        let entry = DropEntry(-1, memory)
        entry.clear()
        return entry
    }

    /// What the next note is about.
    var noteEntry: DropEntry? { orphans.first ?? entry.flatMap { $0.unnoted > 0 ? $0 : nil } }

    /// The log tells of all that was dropped before so many lines; what came since was dropped after a moment.
    func markNoted(upTo count: UInt64, since: Stamp) {
        guard let noted = noteEntry else { return }
        noted.note(upTo: count)
        if noted.unnoted > 0 {
            noted.stamp = since
        } else if noted.state.isAtLeast {
            noted.state.isAtLeast = false
        }
        guard noted.index == orphans.first?.index, noted.unnoted == 0 else { return }
        drops?.release(orphans.removeFirst())
    }

    /// What the log says of lines that it does not have.
    func note(of entry: DropEntry) -> String {
        let (lines, state) = (entry.unnoted, entry.state)
        let cause = entry.index == self.entry?.index ? self.cause : state.cause
        let number = (state.isAtLeast ? "at least " : "") + Self.grouped(lines)
        return "[xpmd: \(number) \(lines == 1 ? "line" : "lines") dropped: \(cause.text)]\n"
    }

    /// 1,234,567.
    private static func grouped(_ number: UInt64) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
