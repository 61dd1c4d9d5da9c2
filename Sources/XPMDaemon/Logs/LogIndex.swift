import Glibc

/// When which byte of a log had been written: pairs of a moment and the log's end then, in `FILE.idx`.
///
/// Both only grow, also where the clock is set back: until it has caught up, what is written bears the last time before.
/// Each byte's time is that of the first entry behind it, so that it was written then or earlier, but after the entry before.
struct LogIndex {
    /// One look at the log: two integers of 8 bytes, in the machine's order.
    struct Entry: Hashable {
        /// Milliseconds since 1970.
        var at: Int64
        var end: Int64
    }

    private(set) var entries: [Entry]

    private static let entrySize = 16
    /// 1 MiB; then old entries are thinned out.
    static let capacity = 1 << 16

    init(_ entries: [Entry]) { self.entries = entries }

    static func file(of path: String) -> String { path + ".idx" }

    /// The index of a log, with what was written after its last entry.
    init(of log: LogSnapshot) throws(LogFault) {
        entries = []
        let file = Self.file(of: log.path)
        if let descriptor = try RegularFile.open(ifPresent: file, O_RDONLY, to: .read) {
            defer { close(descriptor) }
            let count = Self.capacity * Self.entrySize
            entries = Self.decode(try Bytes.read(descriptor, from: 0, count: count, path: file))
        }
        note(log.end, at: log.modified)
    }

    /// Adds a look. False where it tells nothing new.
    @discardableResult
    mutating func note(_ end: Int64, at: Int64) -> Bool {
        while let last = entries.last, last.end > end { entries.removeLast() }
        guard end > entries.last?.end ?? 0 else { return false }
        entries.append(Entry(at: max(at, entries.last?.at ?? at), end: end))
        return true
    }

    /// Appends a look to the index of a log.
    static func append(_ log: LogSnapshot) throws(LogFault) {
        let file = file(of: log.path)
        let descriptor = try RegularFile.open(file, O_RDWR | O_CREAT | O_NOFOLLOW, to: .write)
        defer { close(descriptor) }
        // What a full disk cut off an entry is overwritten.
        let count = Int64(lseek(descriptor, 0, SEEK_END)) / Int64(entrySize)
        let position = max(0, count - 1) * Int64(entrySize)
        var index = LogIndex(decode(try Bytes.read(descriptor, from: position, count: entrySize, path: file)))
        let isBehind = index.entries.last.map { $0.end > log.end } ?? false
        if isBehind || count >= capacity {
            var whole = try LogIndex(of: log)
            if !isBehind { whole.thinOut(from: log.state.oldest) }
            return try Bytes.replace(file, with: whole.entries.flatMap(encode))
        }
        guard index.note(log.end, at: log.modified), let entry = index.entries.last else { return }
        try Bytes.write(descriptor, encode(entry), at: count * Int64(entrySize), path: file)
    }

    /// Leaves out what tells of bytes that are gone, and of the older three quarters every second entry.
    mutating func thinOut(from oldest: Int64) {
        let present = entries.drop { $0.end <= oldest }
        let recent = present.suffix(Self.capacity / 4)
        let older = present.dropLast(recent.count)
        entries = older.enumerated().filter { $0.offset % 2 == 1 }.map(\.element) + recent
    }

    /// When the byte at `offset` had been written; nil for one behind the end.
    func time(of offset: Int64) -> Int64? {
        let index = firstIndex { $0.end > offset }
        return index < entries.count ? entries[index].at : nil
    }

    /// The end of what had been written before `moment`.
    func end(before moment: Int64) -> Int64 {
        let index = firstIndex { $0.at >= moment }
        return index > 0 ? entries[index - 1].end : 0
    }

    /// The first entry for which `holds`, which holds for all behind it too.
    private func firstIndex(where holds: (Entry) -> Bool) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func encode(_ entry: Entry) -> [UInt8] {
        withUnsafeBytes(of: entry.at, Array.init) + withUnsafeBytes(of: entry.end, Array.init)
    }

    private static func decode(_ bytes: [UInt8]) -> [Entry] {
        bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count / entrySize * entrySize, by: entrySize).map {
                Entry(
                    at: buffer.loadUnaligned(fromByteOffset: $0, as: Int64.self),
                    end: buffer.loadUnaligned(fromByteOffset: $0 + 8, as: Int64.self))
            }
        }
    }
}
