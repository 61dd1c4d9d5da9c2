import Glibc

extension Keeper {
    /// A peer that does not keep to the protocol's order.
    struct OutOfTurn: Error {}

    func carryOut(_ request: KeeperRequest, of connection: UInt64) throws {
        guard connection == client || isHello(request) else { throw OutOfTurn() }
        switch request {
        case .hello(let minimum, let maximum): greet(connection, minimum: minimum, maximum: maximum)
        case .spawn(let order): spawn(order)
        case .adopt(let order): adopt(order)
        case .signal(let attempt, let signal): send(signal, to: attempt)
        case .kill(let attempt): kill(attempt)
        case .acknowledge(let attempt): table.acknowledged(attempt)
        case .shutdown: shutdown()
        case .useCgroup(let folder): useCgroup(folder)
        case .follow(let attempt, let pid): follow(attempt, pid)
        case .measure(let attempts): measure(attempts)
        case .inspect(let attempt): inspect(attempt)
        }
    }

    private func isHello(_ request: KeeperRequest) -> Bool {
        if case .hello = request { true } else { false }
    }

    /// Who says hello becomes the client: the older one is a crashed xpmd's, or soon will be. A peer that merely
    /// connects replaces nobody.
    private func greet(_ number: UInt64, minimum: UInt16, maximum: UInt16) {
        wasUsed = true
        guard let version = KeeperProtocol.agreed(minimum: minimum, maximum: maximum) else {
            let versions = KeeperProtocol.versions
            _ = connections[number]?.queue(
                KeeperMessage.incompatible(minimum: versions.lowerBound, maximum: versions.upperBound).encode())
            _ = connections[number]?.flush()
            return close(number)
        }
        if let client, client != number { close(client) }
        client = number
        agreedVersion = version
        say([.welcome(version: version, pid: getpid(), instance: instance, bootID: bootID)])
        if version >= 2 {
            sayCgroup()
            say(table.costs)
        }
        say([.snapshot(table.snapshot)])
        if version >= 2 { say(notifySockets.told) }
    }

    private func spawn(_ order: SpawnOrder) {
        if table[order.attempt] != nil { return say(table.known(of: order.attempt)) }
        let cgroup = cgroups?.make(order.attempt, order.extras)
        do throws(Spawning.Failure) {
            let pid = try start(order, in: cgroup)
            // Not yet reaped, the number can't mean another process.
            var attempt = Attempt(
                number: order.attempt, pid: pid, startTime: ProcessFiles.stat(of: pid)?.startTime ?? 0,
                marker: ArraySlice(order.marker.utf8), isChild: true, ownsNumber: true)
            attempt.cgroup = cgroup
            say(table.began(attempt))
        } catch {
            cgroup?.remove()
            endListening(for: order.attempt)
            say([.spawnFailed(attempt: order.attempt, stage: error.stage, errno: error.errno)])
        }
    }

    private func start(_ order: SpawnOrder, in cgroup: CgroupFiles?) throws(Spawning.Failure) -> Int32 {
        let extras = order.extras
        if !extras.notifySocket.isEmpty, !listen(for: order.attempt, at: extras.notifySocket) {
            throw Spawning.Failure(stage: .resources, errno: errno)
        }
        let folder = cgroup.map { open($0.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } ?? -1
        defer { if folder >= 0 { Glibc.close(folder) } }
        if cgroup != nil, folder < 0 { throw Spawning.Failure(stage: .resources, errno: errno) }
        let countsMemory = cgroup != nil && cgroups?.countsMemory == true
        return try spawning.start(
            arguments: order.arguments, environment: order.environment, directory: order.directory,
            output: order.standardOutput, error: order.standardError,
            options: .init(cgroup: folder, extras: extras, data: countsMemory ? 0 : extras.memory))
    }

    private func send(_ signal: Int32, to number: UInt64) {
        guard (1...64).contains(signal), let attempt = table[number], !attempt.isEmptied else { return }
        if attempt.isChild && attempt.isRunning && !attempt.isFollowed {
            // The group is the attempt's for as long as the main process is not reaped.
            _ = Glibc.kill(-attempt.pid, signal)
            // And whoever has left it: a child that leads a session of its own may have something to clean up as well.
            if let cgroup = attempt.cgroup {
                signalCgroup(cgroup, signal, except: attempt.pid)
            } else {
                let others = ProcessTree.below([attempt.pid]).filter { $0.group != attempt.pid && !$0.isGone }
                for process in others { TreeKill.send(signal, to: process) }
            }
            return
        }
        if let cgroup = attempt.cgroup { return signalCgroup(cgroup, signal, except: nil) }
        let processes =
            attempt.isFollowed
            ? membersByAttempt([attempt])[number] ?? []
            : attempt.isChild ? ownMembers(of: number) : adoptedReceivers(of: attempt)
        members.remember(processes, of: number)
        for process in processes where !process.isGone { TreeKill.send(signal, to: process) }
    }

    private func kill(_ number: UInt64) {
        table.condemned(number)
        needsSweep = true
        if let attempt = table[number], !attempt.isEmptied, killCgroup(of: attempt) { return }
        orphans.forgetKilled(number)
        adopted.unsettled.insert(number)
    }

    private func shutdown() {
        if table.hasLife {
            say([.refused(reason: "cannot shut down: processes are left")])
        } else {
            isEnding = true
        }
    }
}
