/// What one turn of the loop has found out already, for requests that come by the thousand.
struct SeenProcesses {
    /// The roots of what outlived its parent.
    var orphans: [UInt64: [Int32]]?
    /// The processes of adopted attempts without a cgroup.
    var adopted: [UInt64: [ProcessStat]]?
}

extension Keeper {
    /// Every living process of an attempt, without those of the group that is given.
    func processes(of attempt: Attempt, beside group: Int32? = nil) -> [ProcessStat] {
        let found: [ProcessStat]
        if let cgroup = attempt.cgroup {
            let pids = cgroup.processes
            // The main process alone is what most attempts are.
            if let group, pids == [group] { return [] }
            found = pids.compactMap(ProcessFiles.stat(of:)) + outsiders(of: attempt, cgroup)
        } else if attempt.isChild {
            // Whoever outlived its parent is no longer below the main process, but the keeper's child.
            found = ProcessTree.below((attempt.isRunning ? [attempt.pid] : []) + seenOrphans(of: attempt.number))
            members.remember(found, of: attempt.number)
        } else {
            found = seenAdopted(of: attempt.number)
        }
        return found.filter { !$0.isGone && $0.group != group }
    }

    private func seenOrphans(of attempt: UInt64) -> [Int32] {
        let orphans = seen.orphans ?? orphansByOwner().orphans
        seen.orphans = orphans
        return orphans[attempt] ?? []
    }

    private func seenAdopted(of attempt: UInt64) -> [ProcessStat] {
        let found = seen.adopted ?? adoptedMembers(of: Set(table.adoptedWithoutCgroup)).members
        seen.adopted = found
        return found[attempt] ?? []
    }

    /// Whether a process is an attempt's.
    func belongs(_ process: ProcessStat, to attempt: Attempt) -> Bool {
        if let cgroup = attempt.cgroup, cgroup.contains(process.pid) { return true }
        var next = process
        // Its ancestors tell most quickly: up to the main process.
        for _ in 0..<Self.longestDescent {
            if next.pid == attempt.pid { return attempt.isRunning }
            guard next.parent > 1, next.parent != Self.ownPid, let parent = ProcessFiles.stat(of: next.parent) else {
                break
            }
            next = parent
        }
        return attempt.cgroup == nil && ownership(of: process) == .attempt(attempt.number)
    }

    /// Deeper trees are taken for somebody else's.
    private static let longestDescent = 64
}
