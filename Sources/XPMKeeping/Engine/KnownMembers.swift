/// Processes that were once seen to belong to an attempt. A dying process has lost its environment, and its parent, while
/// it still lives: only memory tells then whose it is.
struct KnownMembers {
    private var members: [UInt64: [Int32: UInt64]] = [:]
    private var owners: [Int32: UInt64] = [:]

    func owner(of process: ProcessStat) -> UInt64? {
        guard let owner = owners[process.pid], members[owner]?[process.pid] == process.startTime else { return nil }
        return owner
    }

    /// Whether any of an attempt's still lives.
    func hasLiving(of attempt: UInt64) -> Bool {
        (members[attempt] ?? [:]).contains { pid, startTime in
            ProcessFiles.stat(of: pid).map { $0.startTime == startTime && !$0.isGone } ?? false
        }
    }

    mutating func remember(_ processes: [ProcessStat], of attempt: UInt64) {
        for process in processes {
            owners[process.pid] = attempt
            members[attempt, default: [:]][process.pid] = process.startTime
        }
    }

    /// Once the attempt is empty.
    mutating func forget(_ attempt: UInt64) {
        for pid in (members.removeValue(forKey: attempt) ?? [:]).keys where owners[pid] == attempt { owners[pid] = nil }
    }
}
