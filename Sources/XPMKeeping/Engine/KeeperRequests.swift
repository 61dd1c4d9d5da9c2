import Glibc

extension Keeper {
    /// A peer that does not keep to the protocol's order.
    struct OutOfTurn: Error {}

    func carryOut(_ request: KeeperRequest, of connection: UInt64) throws {
        guard connection == client || isHello(request) else { throw OutOfTurn() }
        switch request {
        case .hello(let minimum, let maximum): greet(connection, minimum: minimum, maximum: maximum)
        case .spawn(let order): spawn(order)
        case .adopt(let order):
            adopt(order.attempt, pid: order.pid, startTime: order.startTime, marker: order.marker)
        case .signal(let attempt, let signal): send(signal, to: attempt)
        case .kill(let attempt): kill(attempt)
        case .acknowledge(let attempt): table.acknowledged(attempt)
        case .shutdown: shutdown()
        case .useCgroup, .follow, .measure, .inspect: break
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
        say([
            .welcome(version: version, pid: getpid(), instance: instance, bootID: bootID),
            .snapshot(table.snapshot),
        ])
    }

    private func spawn(_ order: SpawnOrder) {
        if table[order.attempt] != nil { return say(table.known(of: order.attempt)) }
        do throws(Spawning.Failure) {
            let pid = try spawning.start(
                arguments: order.arguments, environment: order.environment, directory: order.directory,
                output: order.standardOutput, error: order.standardError)
            // Not yet reaped, the number can't mean another process.
            let attempt = Attempt(
                number: order.attempt, pid: pid, startTime: ProcessFiles.stat(of: pid)?.startTime ?? 0,
                marker: ArraySlice(order.marker.utf8), isChild: true, ownsNumber: true)
            say(table.began(attempt))
        } catch {
            say([.spawnFailed(attempt: order.attempt, stage: error.stage, errno: error.errno)])
        }
    }

    private func send(_ signal: Int32, to number: UInt64) {
        guard (1...64).contains(signal), let attempt = table[number], !attempt.isEmptied else { return }
        if attempt.isChild && attempt.isRunning {
            // The group is the attempt's for as long as the main process is not reaped.
            _ = Glibc.kill(-attempt.pid, signal)
            return
        }
        let processes = attempt.isChild ? ownMembers(of: number) : adoptedReceivers(of: attempt)
        members.remember(processes, of: number)
        for process in processes where !process.isGone { TreeKill.send(signal, to: process) }
    }

    private func kill(_ number: UInt64) {
        table.condemned(number)
        orphans.forgetKilled(number)
        adopted.unsettled.insert(number)
        needsSweep = true
    }

    private func shutdown() {
        if table.hasLife {
            say([.refused(reason: "cannot shut down: processes are left")])
        } else {
            isEnding = true
        }
    }
}
