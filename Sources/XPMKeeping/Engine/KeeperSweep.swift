import Glibc

extension Keeper {
    /// Finds out what is empty and kills what is left of the condemned. Once per turn of the loop, however much ended.
    func sweep() {
        if needsSweep {
            needsSweep = false
            sweepOwn()
        }
        sweepAdopted()
    }

    private func sweepOwn() {
        let unsettled = table.unsettled.filter { table[$0]?.isChild == true }
        let killed = table.killed.filter { table[$0]?.isChild == true }
        if unsettled.isEmpty && killed.isEmpty { return }

        let orphans = orphansByOwner()
        for attempt in unsettled.sorted() where orphans[attempt] == nil { say(table.emptied(attempt)) }
        let roots = killed.flatMap { attempt in
            let main = table[attempt].flatMap { $0.isRunning ? $0.pid : nil }
            return ((main.map { [$0] } ?? []) + (orphans[attempt] ?? []))
                .filter { self.orphans.shouldKill($0, of: attempt) }
        }
        if !roots.isEmpty { TreeKill.kill { ProcessTree.below(roots) } }
    }

    /// Every living process of attempts whose main processes were the keeper's children.
    func ownMembers(of attempts: Set<UInt64>) -> [ProcessStat] {
        let orphans = orphansByOwner()
        return ProcessTree.below(attempts.flatMap { orphans[$0] ?? [] })
    }

    /// Whoever outlives its parent becomes the keeper's child: whatever is left of an attempt whose main process is
    /// gone is one of these or below one.
    private func orphansByOwner() -> [UInt64: [Int32]] {
        var found: [UInt64: [Int32]] = [:]
        for pid in ownChildren() where !table.isLivingMain(pid) {
            if let owner = owner(of: pid) { found[owner, default: []].append(pid) }
        }
        return found
    }

    private func ownChildren() -> [Int32] {
        let own = getpid()
        return ProcessFiles.children(of: own)
            ?? ProcessFiles.all().filter { $0.parent == own }.map(\.pid)
    }

    private func owner(of pid: Int32) -> UInt64? {
        if let owner = orphans.owner(of: pid) { return owner }
        guard let stat = ProcessFiles.stat(of: pid) else { return nil }
        let owner = table.owner(of: stat, environment: ProcessFiles.environment(of: pid))
        // A zombie has lost its environment and is about to be reaped: no opinion worth keeping.
        if owner != nil || !stat.isGone { orphans.classified(pid, owner) }
        return owner
    }
}
