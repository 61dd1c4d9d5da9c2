import Glibc

extension Keeper {
    /// Finds out what is empty and kills what is left of the condemned. Once per turn of the loop, however much ended.
    func sweep() {
        if needsSweep || looksAgain || cgroupRecheck.isDue {
            needsSweep = false
            looksAgain = false
            sweepCgroups()
            sweepOwn()
        }
        sweepAdopted()
    }

    private func sweepOwn() {
        let unsettled = table.unsettled.filter { table[$0]?.isToBeSearched == true }
        let killed = table.killed.filter { table[$0]?.isToBeSearched == true }
        if unsettled.isEmpty && killed.isEmpty { return }

        let (orphans, isUndecided) = orphansByOwner()
        if isUndecided {
            looksAgain = true
        } else {
            for attempt in unsettled.sorted() where orphans[attempt] == nil { becameEmpty(attempt) }
        }
        for attempt in killed {
            let main = table[attempt].flatMap { $0.isRunning ? $0.pid : nil }
            let children = (main.map { [$0] } ?? []) + (orphans[attempt] ?? [])
            let roots = children.filter { self.orphans.shouldKill($0, of: attempt) }
            if !roots.isEmpty { members.remember(TreeKill.kill { ProcessTree.below(roots) }, of: attempt) }
        }
    }

    func becameEmpty(_ attempt: UInt64) {
        members.forget(attempt)
        endListening(for: attempt)
        watchedCgroups.remove(attempt)
        if let cgroup = table[attempt]?.cgroup { discard(cgroup) }
        say(table.emptied(attempt))
    }

    /// Whoever outlives its parent becomes the keeper's child: whatever is left of an attempt whose main process is
    /// gone is one of these or below one.
    func orphansByOwner() -> (orphans: [UInt64: [Int32]], isUndecided: Bool) {
        var found: [UInt64: [Int32]] = [:]
        var isUndecided = false
        for pid in ownChildren() where !table.isLivingMain(pid) {
            switch ownerOfOrphan(pid) {
            case .attempt(let owner): found[owner, default: []].append(pid)
            case .nobody: break
            case .undecided: isUndecided = true
            }
        }
        return (found, isUndecided)
    }

    private func ownChildren() -> [Int32] {
        let own = getpid()
        return ProcessFiles.children(of: own)
            ?? ProcessFiles.all().filter { $0.parent == own }.map(\.pid)
    }

    private func ownerOfOrphan(_ pid: Int32) -> Ownership {
        if let owner = orphans.owner(of: pid) { return owner }
        guard let stat = ProcessFiles.stat(of: pid), !stat.isGone else { return .nobody }
        var owner = ownership(of: stat)
        if owner == .undecided {
            if orphans.waits(for: pid) { return .undecided }
            owner = .nobody
        }
        orphans.classified(pid, owner)
        return owner
    }

    /// What memory says goes first: it was true of this very process.
    func ownership(of process: ProcessStat) -> Ownership {
        if let owner = members.owner(of: process) { return .attempt(owner) }
        var environment = ProcessFiles.environment(of: process.pid)
        if environment.isEmpty, ProcessFiles.mayShowEnvironment(process) {
            guard let now = ProcessFiles.stat(of: process.pid), !now.isGone else { return .nobody }
            if now.showsEnvironment { environment = ProcessFiles.environment(of: process.pid) }
            if let owner = table.owner(of: now, environment: environment) { return .attempt(owner) }
            return now.showsEnvironment ? .nobody : .undecided
        }
        return table.owner(of: process, environment: environment).map(Ownership.attempt) ?? .nobody
    }
}

extension Attempt {
    /// Whether its processes are told by their parents, sessions and environments: the keeper's child without a cgroup.
    fileprivate var isToBeSearched: Bool { isChild && cgroup == nil }
}
