import CLinux

/// How many lines each log does not have and does not tell of yet, in memory that outlives the process: a logger's death makes no silent gap.
final class DropTable: @unchecked Sendable {
    // What is in the entries is touched by the lane of the log's stream, or under its lock; whose they are, under this lock.
    private let lock = Lock()
    private let start: UnsafeMutableRawPointer

    /// As many logs at once; those beyond are counted in memory only.
    private static let capacity = 1024
    private static let entryLength = 16
    static let length = capacity * entryLength

    init(_ start: UnsafeMutableRawPointer) { self.start = start }

    /// One log's number of lines.
    struct Entry {
        fileprivate let place: UnsafeMutablePointer<UInt64>

        var lines: UInt64 {
            get { xpm_load(place) }
            nonmutating set { xpm_store(place, newValue) }
        }
    }

    /// The entry of a log that lacks lines; nil for all others.
    func find(_ path: String) -> Entry? {
        lock.lock()
        defer { lock.unlock() }
        let key = key(path)
        return (0..<Self.capacity).first { xpm_load(place($0)) == key && entry($0).lines > 0 }.map(entry)
    }

    /// The entry of a log that is about to lack lines; nil where there is no more room.
    func make(_ path: String) -> Entry? {
        lock.lock()
        defer { lock.unlock() }
        let key = key(path)
        let index =
            (0..<Self.capacity).first { xpm_load(place($0)) == key }
            ?? (0..<Self.capacity).first { xpm_load(place($0)) == 0 || entry($0).lines == 0 }
        guard let index else { return nil }
        xpm_store(place(index), key)
        return entry(index)
    }

    func clear() {
        for index in 0..<Self.capacity {
            entry(index).lines = 0
            xpm_store(place(index), 0)
        }
    }

    private func place(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        (start + index * Self.entryLength).assumingMemoryBound(to: UInt64.self)
    }

    private func entry(_ index: Int) -> Entry { Entry(place: place(index) + 1) }

    /// FNV-1a of the path, never 0.
    private func key(_ path: String) -> UInt64 {
        let hash = path.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return max(hash, 1)
    }
}
