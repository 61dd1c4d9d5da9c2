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

    /// Ends an attempt's processes; false where it has no cgroup.
    func killCgroup(of attempt: Attempt) -> Bool {
        guard let cgroup = attempt.cgroup else { return false }
        if !cgroup.kill() {
            // Before Linux 5.14: all are stopped first, so that none forks while others are killed.
            TreeKill.kill { cgroup.processes.compactMap(ProcessFiles.stat(of:)) }
        }
        return true
    }

    /// Sends a signal to all processes of a cgroup but those of the group that has it already.
    func signalCgroup(_ cgroup: CgroupFiles, _ signal: Int32, except group: Int32?) {
        let processes = cgroup.processes.compactMap(ProcessFiles.stat(of:)).filter { !$0.isGone && $0.group != group }
        for process in processes { TreeKill.send(signal, to: process) }
    }

    /// Finds out which attempts with a cgroup are empty by now.
    func sweepCgroups() {
        for number in table.unsettled.sorted() {
            guard let cgroup = table[number]?.cgroup else { continue }
            if !watchedCgroups.contains(number) {
                watchedCgroups.insert(number)
                if !cgroupWatch.watch(cgroup) { looksAgain = true }
            }
            if cgroup.isPopulated != true {
                becameEmpty(number)
            } else if table.killed.contains(number) {
                _ = cgroup.kill()
            }
        }
        removeLeftCgroups()
    }

    /// Once an attempt is empty; a dead process may hold its cgroup for another moment.
    func discardCgroup(of attempt: Attempt?) {
        guard let attempt, let cgroup = attempt.cgroup else { return }
        watchedCgroups.remove(attempt.number)
        if !cgroup.remove() { leftCgroups.append(cgroup) }
    }

    private func removeLeftCgroups() {
        leftCgroups.removeAll { $0.remove() }
        if !leftCgroups.isEmpty { looksAgain = true }
    }
}
