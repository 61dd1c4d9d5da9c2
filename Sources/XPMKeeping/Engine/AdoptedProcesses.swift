import Glibc

/// The processes that an earlier keeper started, as far as they are watched. They are nobody's whom the keeper can
/// wait for: each is held by a pidfd.
struct AdoptedProcesses {
    /// One process that is watched.
    struct Watch {
        let attempt: UInt64
        let pid: Int32
        var isMain: Bool
        let handle: ProcessHandle
    }

    var watches: [UInt64: Watch] = [:]
    /// Attempts whose processes have to be looked for.
    var unsettled: Set<UInt64> = []
    var undecided = UndecidedProcesses()
    /// Main processes that are dead but not reaped, until when their exit status is waited for.
    private(set) var unreaped: [UInt64: Int64] = [:]

    /// init and systemd reap at once; a container's first process may never do so.
    private static let reapingMilliseconds: Int64 = 100

    /// How long the loop may wait, in milliseconds.
    var patience: Int32? {
        guard let next = unreaped.values.min() else { return nil }
        return Int32(clamping: max(0, next - Clocks.monotonic))
    }

    mutating func awaitReaping(_ watch: UInt64) {
        unreaped[watch] = Clocks.monotonic + Self.reapingMilliseconds
    }

    var overdue: [UInt64] {
        let now = Clocks.monotonic
        return unreaped.filter { $0.value <= now }.map(\.key)
    }

    mutating func remove(_ watch: UInt64) -> Watch? {
        unreaped[watch] = nil
        return watches.removeValue(forKey: watch)
    }

    /// Its end is no longer the attempt's.
    mutating func demoteMain(of attempt: UInt64) {
        for (number, watch) in watches where watch.attempt == attempt { watches[number]?.isMain = false }
    }

    func isWatched(_ pid: Int32, of attempt: UInt64) -> Bool {
        watches.values.contains { $0.pid == pid && $0.attempt == attempt }
    }
}
