import Glibc

/// Attempts that have a cgroup: their processes are those in it, whatever became of sessions, parents and environments.
extension Keeper {
    func useCgroup(_ folder: String) {
        if cgroups == nil {
            do throws(KeeperFailure) {
                cgroups = try Cgroups(path: folder)
            } catch {
                cgroupFault = "\(error)"
            }
        }
        sayCgroup()
    }

    func sayCgroup() {
        say([
            .cgroup(
                folder: cgroups?.path ?? "", controllers: cgroups?.controllers ?? [],
                reason: cgroups == nil ? cgroupFault : "")
        ])
    }

    /// Ends an attempt's processes, with a main process that has moved elsewhere, and what is below that.
    func kill(_ attempt: Attempt, _ cgroup: CgroupFiles) {
        let hasMoved = !outsiders(of: attempt, cgroup).isEmpty
        endAll(in: cgroup)
        guard hasMoved else { return }
        members.remember(TreeKill.kill { ProcessTree.below([attempt.pid]) }, of: attempt.number)
    }

    /// What runs outside of an attempt's cgroup because its main process does.
    func outsiders(of attempt: Attempt, _ cgroup: CgroupFiles) -> [ProcessStat] {
        guard attempt.isRunning, !cgroup.contains(attempt.pid),
            ProcessFiles.stat(of: attempt.pid)?.startTime == attempt.startTime
        else { return [] }
        return ProcessTree.below([attempt.pid])
    }

    private func endAll(in cgroup: CgroupFiles) {
        // Before Linux 5.14: all are stopped first, so that none forks while others are killed.
        if !cgroup.kill() { TreeKill.kill { cgroup.processes.compactMap(ProcessFiles.stat(of:)) } }
    }

    /// Finds out which attempts with a cgroup are empty by now.
    func sweepCgroups() {
        var isInDoubt = false
        for number in table.unsettled.sorted() {
            guard let cgroup = table[number]?.cgroup else { continue }
            // In this order, lest the last one ends between the two.
            if !watchedCgroups.contains(number) {
                if cgroupWatch.watch(cgroup, by: poller) { watchedCgroups.insert(number) } else { isInDoubt = true }
            }
            switch cgroup.isPopulated {
            case true?: if table.killed.contains(number) { endAll(in: cgroup) }
            case false? where !members.hasLiving(of: number): becameEmpty(number)
            default: isInDoubt = true
            }
        }
        leftCgroups.removeAll { $0.remove() }
        cgroupRecheck.note(isInDoubt: isInDoubt || !leftCgroups.isEmpty)
    }

    /// A dead process may hold its cgroup for another moment.
    func discard(_ cgroup: CgroupFiles) {
        if cgroup.remove() { return }
        leftCgroups.append(cgroup)
        needsSweep = true
    }
}
