/// Processes of which it can't be said yet whose they are, and since when: amid execve, and while it dies, a process shows no
/// environment. Kept by process, for one that never shows any must not hold up each attempt anew.
struct UndecidedProcesses {
    private struct Identity: Hashable {
        let pid: Int32
        let startTime: UInt64
    }

    /// execve takes microseconds and a large process's death some milliseconds, but on a machine whose disk and cores are
    /// busy either was seen to take more than a tenth of a second.
    static let limitMilliseconds: Int64 = 2000

    private var since: [Identity: Int64] = [:]

    /// Whether any of `found`, which is all that are undecided now, is still to be waited for. The time of each runs from
    /// when it was first found, and anew after it was decided.
    mutating func waits(for found: [ProcessStat], at now: Int64) -> Bool {
        var undecided: [Identity: Int64] = [:]
        for process in found {
            let identity = Identity(pid: process.pid, startTime: process.startTime)
            undecided[identity] = since[identity] ?? now
        }
        since = undecided
        return undecided.values.contains { now - $0 < Self.limitMilliseconds }
    }
}
