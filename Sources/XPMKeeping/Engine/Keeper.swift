import CLinux
import Glibc
import XPMLogs

/// The keeper's loop: the parent of every service, and nothing more. One thread; whatever happens is taken note of in
/// the table, and what the table says goes to the client, if there is one.
final class Keeper {
    let poller: Poller
    let children: ChildSignal
    let listener: KeeperListener
    let spawning: Spawning
    /// Tells this process from an earlier keeper with the same pid.
    let instance = UInt64.random(in: .min ... .max)
    let bootID = ProcessFiles.bootID()
    static let ownPid = getpid()
    /// The program beside this one.
    private static let loggerProgram = ProcessFiles.ownFolder + "/xpm-logger"
    let halfMade = HalfMadeChild.ofThisKeeper()

    var table = AttemptTable()
    var connections: [UInt64: Connection] = [:]
    /// The one connection that has said hello last, and the only one that may ask for anything.
    var client: UInt64?
    var orphans = Orphans()
    var members = KnownMembers()
    var adopted = AdoptedProcesses()
    /// Something happened by which an attempt may have become empty, or grown beyond what was killed.
    var needsSweep = false
    var seen = SeenProcesses()
    /// A process could not be told whose it is, and is to be asked again soon.
    var looksAgain = false
    var isEnding = false
    /// The version that the client speaks.
    var agreedVersion: UInt16 = 0
    var cgroups: Cgroups?
    /// Why there are none.
    var cgroupFault = "none was given"
    var cgroupWatch = CgroupWatch()
    /// The attempts whose cgroup is watched for its end.
    var watchedCgroups: Set<UInt64> = []
    /// Cgroups that could not be removed yet.
    var leftCgroups: [CgroupFiles] = []
    var cgroupRecheck = Recheck()
    var notifySockets = NotifySockets()
    let logger: LoggerLink
    /// What the client, or nobody, was told last of what is wrong with it.
    var toldLoggerFault = ""
    var streams = LogStreams(first: Clocks.wall)
    /// Whatever an earlier keeper had was adopted.
    var isRestored = false
    /// Streams of other pipes that the logger had for a log when it was asked, by path.
    var inTheWay: [String: UInt64] = [:]
    var refusals = RefusedStreams()
    /// Who is to be told when all is in the logs, and the streams that it waits for.
    var settling: [UInt64: Set<UInt64>] = [:]
    /// Logs that the logger is to empty, and has not been asked to yet.
    var clearing: Set<String> = []
    var placeWatch: FolderWatch?
    /// Whether it is waited for what that tells.
    var isPlaceHeard = false
    /// When its folders are to be looked at, for not everything is told.
    var placeDue: Int64?
    /// The client does not keep up: notifications wait in their sockets.
    private(set) var holdsNotifications = false
    private var lastNumber: UInt64 = 0
    /// Somebody has said hello: before that, xpmd may still be on its way.
    var wasUsed = false

    init(
        listener descriptor: Descriptor, path: String, spawning: Spawning, loggerWatch: LoggerWatch = LoggerWatch()
    ) throws(KeeperFailure) {
        self.spawning = spawning
        poller = try Poller()
        children = try ChildSignal()
        listener = KeeperListener(descriptor, path: path)
        logger = LoggerLink(folder: path + ".logs", executable: Self.loggerProgram, watch: loggerWatch)
        guard poller.add(descriptor.number, .listener), poller.add(children.descriptor.number, .children) else {
            throw KeeperFailure(cannot: "watch sockets", errno)
        }
        watchPlace(of: path)
    }

    func run() {
        ProcessFiles.keepsSpare = true
        ProcessFiles.keepSpare()
        while !isEnding {
            seen = SeenProcesses()
            for (source, events) in poller.wait(milliseconds: patience) { react(to: source, events) }
            if placeDue.map({ $0 <= Clocks.monotonic }) ?? false { keepPlace() }
            if logger.due.map({ $0 <= Clocks.monotonic }) ?? false { wakeLogger() }
            lookAfterLogger()
            if refusals.due.map({ $0 <= Clocks.monotonic }) ?? false { offerAgain() }
            endRests()
            settleUnreaped()
            sweep()
            flush()
            if wasUsed && connections.isEmpty && table.isEmpty && refusals.isEmpty {
                // Who connects at the last moment is served, not turned away.
                accept()
                isEnding = isEnding || connections.isEmpty
            }
        }
        if let client = logger.client {
            _ = client.send(.end)
        } else if case .starting(let started) = logger.step {
            // Nobody is left to tell it anything, and nothing is lost by that.
            _ = Glibc.kill(started.pid, SIGKILL)
        }
        listener.unlinkPath()
        for cgroup in leftCgroups { cgroup.remove() }
        cgroups?.leave()
    }

    /// How long to wait for something to happen, in milliseconds; for ever if nothing is pending.
    private var patience: Int32? {
        let again: Int32? = looksAgain || !adopted.unsettled.isEmpty ? 5 : nil
        let place = placeDue.map { Int32(clamping: max(0, $0 - Clocks.monotonic)) }
        let rest = notifySockets.patience(at: Clocks.monotonic)
        let logger =
            streams.isEmpty && clearing.isEmpty
            ? nil : logger.due.map { Int32(clamping: max(0, $0 - Clocks.monotonic)) }
        let offer = refusals.due.map { Int32(clamping: max(0, $0 - Clocks.monotonic)) }
        let watch = self.logger.watch.due.map { Int32(clamping: max(0, $0 - Clocks.monotonic)) }
        return [again, place, rest, logger, offer, watch, adopted.patience, cgroupRecheck.patience].compactMap(\.self)
            .min()
    }

    /// A number for a connection or watch, never used again.
    func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    private func react(to source: Poller.Source, _ events: UInt32) {
        switch source {
        case .listener: accept()
        case .children: reap()
        case .connection(let number): serve(number)
        case .process(let number): noticeEnd(number, events)
        case .notifications(let number): hear(number)
        case .place: keepPlace()
        case .logger(let number): hearLogger(number)
        case .cgroups:
            cgroupWatch.drain()
            needsSweep = true
        }
    }

    private func reap() {
        children.drain()
        var status: Int32 = 0
        var microseconds: UInt64 = 0
        var memory: UInt64 = 0
        while case let pid = xpm_reap(&status, &microseconds, &memory), pid > 0 {
            orphans.reaped(pid)
            let status = ExitStatus(waitStatus: status)
            if let attempt = table.attempt(ofMain: pid), attempt.isRunning {
                hearLast(of: attempt.number)
                tellCost(of: attempt, status, microseconds: microseconds, memory: memory)
            }
            say(table.reaped(pid, status, atMilliseconds: Clocks.wall))
            needsSweep = true
        }
    }

    /// Before its exit is told.
    func tellCost(of attempt: Attempt, _ status: ExitStatus, microseconds: UInt64 = 0, memory: UInt64 = 0) {
        let cost = cost(of: attempt, status, microseconds: microseconds, memory: memory)
        table.spent(attempt.number, cost)
        if agreedVersion >= 2 { say([.spent(attempt: attempt.number, cost)]) }
    }

    func accept() {
        while let descriptor = listener.accept() {
            let number = nextNumber()
            guard poller.add(descriptor.number, .connection(number)) else { continue }
            connections[number] = Connection(descriptor)
        }
    }

    private func serve(_ number: UInt64) {
        guard let connection = connections[number] else { return }
        let received = connection.receive()
        do {
            // A request may end this connection, or the whole keeper.
            while connections[number] != nil, !isEnding, let request = try connection.nextRequest() {
                try carryOut(request, of: number)
            }
        } catch {
            close(number)
        }
        if received == .end { close(number) }
    }

    /// Tells the client, or nobody: the next one learns it from its snapshot.
    func say(_ messages: [KeeperMessage]) {
        guard let client, let connection = connections[client] else { return }
        for message in messages where !connection.queue(message.encode()) {
            close(client)
            return
        }
    }

    func flush() {
        for (number, connection) in connections {
            guard connection.flush() else {
                close(number)
                continue
            }
            if connection.hasOutput != connection.awaitsWriting {
                connection.awaitsWriting = connection.hasOutput
                let events = Poller.readable | (connection.hasOutput ? Poller.writable : 0)
                poller.change(connection.descriptor.number, .connection(number), events: events)
            }
        }
        flushLogger()
        holdNotifications(client.flatMap { connections[$0] }?.isBehind ?? false)
    }

    /// What nobody takes in now is better kept by the kernel, which makes the sender wait.
    private func holdNotifications(_ holds: Bool) {
        guard holds != holdsNotifications else { return }
        holdsNotifications = holds
        for number in notifySockets.entries.keys { listenOrRest(number) }
    }

    func close(_ number: UInt64) {
        guard let connection = connections.removeValue(forKey: number) else { return }
        poller.remove(connection.descriptor.number)
        if client == number { (client, agreedVersion) = (nil, 0) }
    }
}
