import Glibc

/// What attempts use and have used.
extension Keeper {
    func measure(_ attempts: [UInt64]) {
        let asked = attempts.isEmpty ? table.snapshot.map(\.attempt) : attempts
        let living = asked.compactMap { table[$0] }.filter { !$0.isEmptied }
        let others = living.filter { $0.cgroup == nil }
        let trees = others.isEmpty ? [:] : membersByAttempt(others)
        say([
            .usage(
                living.map { attempt in
                    attempt.cgroup.map { usage(of: attempt, $0) } ?? usage(of: attempt, trees[attempt.number] ?? [])
                })
        ])
    }

    private func usage(of attempt: Attempt, _ cgroup: CgroupFiles) -> AttemptUsage {
        let processes = cgroup.processes
        let memory = cgroup.read("memory.current").flatMap { UInt64($0.filter(\.isNumber)) }
        return AttemptUsage(
            attempt: attempt.number, processes: UInt32(clamping: processes.count),
            memory: memory ?? processes.reduce(0) { $0 &+ ProcessFiles.residentBytes(of: $1) },
            microseconds: cgroup.value("usage_usec", in: "cpu.stat") ?? 0)
    }

    private func usage(of attempt: Attempt, _ processes: [ProcessStat]) -> AttemptUsage {
        AttemptUsage(
            attempt: attempt.number, processes: UInt32(clamping: processes.count),
            memory: processes.reduce(0) { $0 &+ ProcessFiles.residentBytes(of: $1.pid) },
            microseconds: processes.reduce(0) { $0 &+ $1.microseconds })
    }

    /// The processes of attempts without a cgroup, by one look at everything.
    func membersByAttempt(_ attempts: [Attempt]) -> [UInt64: [ProcessStat]] {
        let processes = ProcessFiles.all().filter { !$0.isGone && $0.pid != getpid() }
        var roots: [UInt64: Set<Int32>] = [:]
        for attempt in attempts where attempt.isRunning { roots[attempt.number] = [attempt.pid] }
        let own = getpid()
        for process in processes {
            let isLost = process.parent == own && !table.isLivingMain(process.pid)
            guard isLost || attempts.contains(where: { !$0.isChild }) else { continue }
            if case .attempt(let owner) = ownership(of: process) { roots[owner, default: []].insert(process.pid) }
        }
        return roots.mapValues { ProcessTree.closure(of: $0, in: processes) }
    }

    func inspect(_ number: UInt64) {
        guard let attempt = table[number], !attempt.isEmptied else {
            return say([.processes(attempt: number, [])])
        }
        let pids = attempt.cgroup?.processes ?? (membersByAttempt([attempt])[number] ?? []).map(\.pid)
        let reports = pids.compactMap { pid -> ProcessReport? in
            guard let stat = ProcessFiles.stat(of: pid), !stat.isGone else { return nil }
            let channel = ProcessFiles.contents(of: "/proc/\(pid)/wchan") ?? []
            return ProcessReport(
                pid: pid, state: stat.state, name: String(decoding: stat.name, as: UTF8.self),
                waitChannel: channel == [UInt8(ascii: "0")] ? "" : String(decoding: channel, as: UTF8.self))
        }
        say([.processes(attempt: number, reports)])
    }

    /// What an attempt has cost, now that its main process has ended.
    func cost(of attempt: Attempt, _ status: ExitStatus, microseconds: UInt64, memory: UInt64) -> AttemptCost {
        let peak = attempt.cgroup?.read("memory.peak").flatMap { UInt64($0.filter(\.isNumber)) }
        var wasKilled = false
        if case .signal(SIGKILL, _) = status { wasKilled = true }
        return AttemptCost(
            microseconds: attempt.cgroup?.value("usage_usec", in: "cpu.stat") ?? microseconds, memory: peak ?? memory,
            outOfMemory: wasKilled && attempt.cgroup?.killedByItsLimit ?? false)
    }
}

extension CgroupFiles {
    /// Whether the kernel has killed processes in it for its own limit, not for one around it or for the machine's memory.
    var killedByItsLimit: Bool {
        let events = ["oom", "oom_kill"].map { value($0, in: "memory.events") ?? 0 }
        return events.allSatisfy { $0 > 0 }
    }
}
