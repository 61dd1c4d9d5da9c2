/// What is known of the keeper's children that are no main processes: they outlived their parent.
struct Orphans {
    /// By pid, which is theirs until the keeper reaps them.
    private var owners: [Int32: Ownership] = [:]
    private var hesitation = Hesitation<Int32>(limitMilliseconds: 2000)
    /// The trees below these were killed already.
    private var killed: [Int32: UInt64] = [:]

    func owner(of pid: Int32) -> Ownership? { owners[pid] }

    mutating func classified(_ pid: Int32, _ owner: Ownership) { owners[pid] = owner }

    mutating func waits(for pid: Int32) -> Bool { hesitation.waits(for: pid) }

    /// Whether the tree below one of the keeper's children is still to be killed; asked once for each.
    mutating func shouldKill(_ pid: Int32, of attempt: UInt64) -> Bool {
        killed.updateValue(attempt, forKey: pid) == nil
    }

    /// A kill that is asked for again is carried out again.
    mutating func forgetKilled(_ attempt: UInt64) {
        killed = killed.filter { $0.value != attempt }
    }

    mutating func reaped(_ pid: Int32) {
        owners[pid] = nil
        killed[pid] = nil
        hesitation.forget(pid)
    }
}
