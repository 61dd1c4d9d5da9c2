import Glibc

extension Keeper {
    /// A peer that does not keep to the protocol's order.
    struct OutOfTurn: Error {}

    func carryOut(_ request: KeeperRequest, of connection: UInt64) throws {
        guard isHello(request) || connection == client && request.version <= agreedVersion else { throw OutOfTurn() }
        switch request {
        case .hello(let minimum, let maximum): greet(connection, minimum: minimum, maximum: maximum)
        case .spawn(let order): spawn(order)
        case .adopt(let order): adopt(order)
        case .signal(let attempt, let signal): send([signal], to: attempt)
        case .kill(let attempt): kill(attempt)
        case .acknowledge(let attempt): table.acknowledged(attempt)
        case .shutdown: shutdown()
        case .useCgroup(let folder): useCgroup(folder)
        case .follow(let attempt, let pid): follow(attempt, pid)
        case .measure(let attempts): measure(attempts)
        case .inspect(let attempt): inspect(attempt)
        case .deliver(let attempt, let signal, let target, let resumes):
            deliver(signal, to: target, of: attempt, resumes: resumes)
        case .settle(let attempt): settle(attempt)
        case .clearLog(let path): clearLog(path)
        case .adoptedAll: restored()
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
            // Before the snapshot, by which the client decides why they ended.
            say(table.lastWords)
        }
        say([.snapshot(table.snapshot)])
        if version >= 2 { say(table.notices) }
        if version >= 5 { say([.logger(fault: logger.fault)]) }
    }

    private func deliver(_ signal: Int32, to target: SignalTarget, of number: UInt64, resumes: Bool) {
        let signals = resumes && signal != SIGCONT ? [signal, SIGCONT] : [signal]
        switch target {
        case .tree: send(signals, to: number)
        case .main: sendToMain(signals, of: number)
        }
        if resumes { table[number]?.cgroup?.thaw() }
    }

    private func sendToMain(_ signals: [Int32], of number: UInt64) {
        guard signals.allSatisfy({ 1...64 ~= $0 }), let attempt = table[number], attempt.isRunning,
            let main = ProcessFiles.stat(of: attempt.pid), main.startTime == attempt.startTime
        else { return }
        for signal in signals { TreeKill.send(signal, to: main) }
    }

    private func send(_ signals: [Int32], to number: UInt64) {
        guard signals.allSatisfy({ 1...64 ~= $0 }), let attempt = table[number], !attempt.isEmptied else { return }
        // Looked for first: when the main process ends, what it has started is no longer below it.
        let others = processes(of: attempt, beside: attempt.ownGroup)
        for signal in signals {
            if let group = attempt.ownGroup { _ = Glibc.kill(-group, signal) }
            // A child that leads a session of its own may have something to clean up as well.
            for process in others { TreeKill.send(signal, to: process) }
        }
    }

    private func kill(_ number: UInt64) {
        guard let attempt = table[number], !attempt.isEmptied else { return }
        table.condemned(number)
        needsSweep = true
        if let cgroup = attempt.cgroup { return kill(attempt, cgroup) }
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
