import CLinux

/// How many lines each log does not have and does not tell of yet, in memory that outlives the process: a logger's death makes no silent
/// gap, and no gap is told of twice.
final class DropTable: @unchecked Sendable {
    // What is in the entries is touched by the lane of the log's stream, or under its lock; whose they are, and what is claimed, under this
    // lock.
    private let lock = Lock()
    private let start: UnsafeMutableRawPointer
    /// Entries that somebody of this process has.
    private var claimed: Set<Int> = []

    /// As many streams at once; those beyond are counted in memory only.
    private static let capacity = 1024
    static let length = capacity * DropEntry.length

    init(_ start: UnsafeMutableRawPointer) { self.start = start }

    /// The entry of a stream: of a pipe that goes into the log at a path. Nil where an earlier logger left none.
    func find(_ path: String, pipe: UInt64) -> DropEntry? {
        lock.lock()
        defer { lock.unlock() }
        let key = DropEntry.key(path)
        return claim { $0.isInUse && $0.path == key && $0.pipe == pipe }
    }

    /// An entry for a stream that is about to lack lines; nil where there is no more room.
    func make(_ path: String, pipe: UInt64) -> DropEntry? {
        lock.lock()
        defer { lock.unlock() }
        // One that only tells of the rest of a line, and whose pipe nobody reads, is the first that can go.
        guard let entry = claim({ !$0.isInUse }) ?? claim({ $0.unnoted == 0 }) else { return nil }
        entry.give(to: DropEntry.key(path), pipe: pipe)
        return entry
    }

    /// Those of streams that went into a log before, and told of their lines no more.
    func orphans(_ path: String) -> [DropEntry] {
        lock.lock()
        defer { lock.unlock() }
        let key = DropEntry.key(path)
        var found: [DropEntry] = []
        while let entry = claim({ $0.unnoted > 0 && $0.path == key }) { found.append(entry) }
        return found
    }

    /// Nobody of this process has it any more.
    func release(_ entry: DropEntry) {
        lock.lock()
        claimed.remove(entry.index)
        lock.unlock()
    }

    /// The entry of a number that a slot has; nil for none.
    func entry(_ index: Int) -> DropEntry? {
        guard (0..<Self.capacity).contains(index) else { return nil }
        return DropEntry(index, start + index * DropEntry.length)
    }

    func clear() {
        for index in 0..<Self.capacity { entry(index)?.clear() }
    }

    private func claim(_ fits: (DropEntry) -> Bool) -> DropEntry? {
        for index in 0..<Self.capacity where !claimed.contains(index) {
            guard let entry = entry(index), fits(entry) else { continue }
            claimed.insert(index)
            return entry
        }
        return nil
    }
}
