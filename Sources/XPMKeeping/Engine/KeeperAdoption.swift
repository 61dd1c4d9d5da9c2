import Glibc

extension Keeper {
    func adopt(_ order: AdoptOrder) {
        let number = order.attempt
        if table[number] != nil { return say(table.known(of: number)) }
        let marker = ArraySlice(order.marker.utf8)
        let cgroup = CgroupFiles(path: order.cgroup).flatMap(adoptable)
        var main = (pid: order.pid, startTime: order.startTime)
        if main.pid == 0, let found = cgroup.flatMap(findMain(in:)) ?? findMain(marker) {
            main = (found.pid, found.startTime)
        }
        var attempt = Attempt(
            number: number, pid: main.pid, startTime: main.startTime, marker: marker, isChild: false, ownsNumber: true)
        attempt.cgroup = cgroup
        if !order.notifySocket.isEmpty { _ = listen(for: number, at: order.notifySocket) }
        var found = order
        found.pid = main.pid
        do throws(ProcessHandle.Failure) {
            let handle = try ProcessHandle(pid: main.pid, startTime: main.startTime)
            try watch(handle, pid: main.pid, of: number, isMain: true)
            say(table.began(attempt))
            adoptStreams(number, found)
        } catch {
            switch error {
            case .gone:
                attempt.ownsNumber = false
                // xpmd knows that it was spawned, if not by whom; it is told of the end only.
                _ = table.began(attempt)
                adoptStreams(number, found)
                end(number, .unknown)
            case .unavailable(let cause):
                endListening(for: number)
                let reason = String(cString: strerror(cause))
                say([.refused(reason: "cannot adopt attempt \(number): \(reason)")])
            }
        }
    }

    /// A cgroup with processes. Those of an attempt whose cgroup has none can only be elsewhere.
    private func adoptable(_ cgroup: CgroupFiles) -> CgroupFiles? {
        guard cgroup.exists else { return nil }
        if cgroup.isPopulated != false { return cgroup }
        discard(cgroup)
        return nil
    }

    /// A watched process is dead (readable), or reaped by its parent too (hung up).
    func noticeEnd(_ number: UInt64, _ events: UInt32) {
        guard let watch = adopted.watches[number] else { return }
        if watch.isMain && events & Poller.hangup == 0 && watch.handle.exitStatus == nil {
            // Its exit status can be had once it is reaped, on kernels that tell it to others than the parent.
            adopted.awaitReaping(number)
            poller.change(watch.handle.descriptor.number, .process(number), events: 0)
        } else {
            finish(number)
        }
    }

    func settleUnreaped() {
        for number in adopted.overdue { finish(number) }
    }

    private func finish(_ number: UInt64) {
        guard let watch = adopted.remove(number) else { return }
        poller.remove(watch.handle.descriptor.number)
        if watch.isMain {
            end(watch.attempt, watch.handle.exitStatus ?? .unknown)
        } else {
            adopted.unsettled.insert(watch.attempt)
        }
    }

    private func end(_ attempt: UInt64, _ status: ExitStatus) {
        hearLast(of: attempt)
        if let ended = table[attempt], ended.isRunning { tellCost(of: ended, status) }
        needsSweep = true
        say(table.exited(attempt, status, atMilliseconds: Clocks.wall))
        adopted.unsettled.insert(attempt)
    }

    private func watch(_ handle: ProcessHandle, pid: Int32, of attempt: UInt64, isMain: Bool) throws(ProcessHandle
        .Failure)
    {
        let number = nextNumber()
        guard poller.add(handle.descriptor.number, .process(number)) else { throw .unavailable(errno) }
        adopted.watches[number] = .init(attempt: attempt, pid: pid, isMain: isMain, handle: handle)
    }

    private func findMain(in cgroup: CgroupFiles) -> ProcessStat? {
        topmost(of: cgroup.processes.compactMap(ProcessFiles.stat(of:)).filter { !$0.isGone })
    }

    /// The leader of its session if there is one, else the eldest.
    private func topmost(of processes: [ProcessStat]) -> ProcessStat? {
        let pids = Set(processes.map(\.pid))
        let tops = processes.filter { !pids.contains($0.parent) }.sorted { $0.startTime < $1.startTime }
        return tops.first { $0.pid == $0.session } ?? tops.first
    }

    /// The topmost process with a marker.
    private func findMain(_ marker: ArraySlice<UInt8>) -> ProcessStat? {
        while true {
            var undecided: [ProcessStat] = []
            let marked = ProcessFiles.all().filter { process in
                if process.isGone { return false }
                let environment = ProcessFiles.environment(of: process.pid)
                if environment.contains(marker) { return true }
                let isHidden =
                    environment.isEmpty && !process.showsEnvironment && ProcessFiles.mayShowEnvironment(process)
                if isHidden || halfMade.matches(process) { undecided.append(process) }
                return false
            }
            if let main = topmost(of: marked) { return main }
            // To say that it is gone would have it started a second time.
            guard adopted.undecided.waits(for: undecided, at: Clocks.monotonic) else { return nil }
            poll(nil, 0, 2)
        }
    }

    // MARK: Whatever belongs to them

    /// Looks through all processes, for orphans of adopted ones go to a parent that tells the keeper nothing.
    func sweepAdopted() {
        let unsettled = adopted.unsettled.filter {
            table[$0].map { !$0.isChild && $0.cgroup == nil && !$0.isEmptied } ?? false
        }
        adopted.unsettled = []
        if unsettled.isEmpty { return }

        let killed = unsettled.intersection(table.killed)
        if !killed.isEmpty { TreeKill.kill { self.adoptedMembers(of: killed).members.values.flatMap { $0 } } }
        let (left, isUndecided) = adoptedMembers(of: unsettled)
        for number in unsettled.sorted() {
            guard let attempt = table[number], !attempt.isRunning else { continue }
            let members = left[number] ?? []
            if members.isEmpty && isUndecided {
                adopted.unsettled.insert(number)
                continue
            }
            if !members.contains(where: { $0.session == attempt.pid || $0.group == attempt.pid }) {
                table.lostNumber(number)
            }
            if members.isEmpty { becameEmpty(number) }
            for member in members where !adopted.isWatched(member.pid, of: number) { watch(member, of: number) }
        }
    }

    private func watch(_ member: ProcessStat, of attempt: UInt64) {
        do throws(ProcessHandle.Failure) {
            let handle = try ProcessHandle(pid: member.pid, startTime: member.startTime)
            try watch(handle, pid: member.pid, of: attempt, isMain: false)
        } catch {
            switch error {
            case .gone: adopted.unsettled.insert(attempt)
            // Short of descriptors: the end of any other member brings the next look.
            case .unavailable: break
            }
        }
    }

    func adoptedMembers(of attempts: Set<UInt64>) -> (members: [UInt64: [ProcessStat]], isUndecided: Bool) {
        let processes = ProcessFiles.all().filter { !$0.isGone && $0.pid != getpid() }
        var roots: [UInt64: Set<Int32>] = [:]
        var undecided: [ProcessStat] = []
        for process in processes {
            switch ownership(of: process) {
            case .attempt(let owner):
                if attempts.contains(owner) { roots[owner, default: []].insert(process.pid) }
            case .nobody: if halfMade.matches(process) { undecided.append(process) }
            case .undecided: undecided.append(process)
            }
        }
        let trees = roots.mapValues { ProcessTree.closure(of: $0, in: processes) }
        for (attempt, tree) in trees { members.remember(tree, of: attempt) }
        return (trees, adopted.undecided.waits(for: undecided, at: Clocks.monotonic))
    }
}
