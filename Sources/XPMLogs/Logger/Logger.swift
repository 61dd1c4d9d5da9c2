import CLinux
import Glibc

/// The main thread: it hears the keeper, gives streams to lanes, and looks after lanes that hang. It touches no file system but that of
/// its own folder.
final class Logger {
    let state: StateFile
    let output: Outbox
    let mounts = Mounts()
    /// Given to whoever connects: its end is this process's, though a file system keeps some thread of it.
    private let lifeline: OpenFile?
    var streams: [UInt64: Known] = [:]
    /// By the path that was given, which stream is written there.
    var paths: [String: UInt64] = [:]
    /// Streams of logs that another one is still read into, by path, the next one first.
    var queued: [String: [UInt64]] = [:]
    /// By the mount that paths are below.
    var openers: [String: [Lane]] = [:]
    /// By device.
    var lanes: [UInt64: Lane] = [:]
    var connections: [UInt64: LoggerConnection] = [:]
    var poller: Poller
    private let listener: LoggerListener
    private var lastConnection: UInt64 = Logger.listenerNumber
    private var isEnding = false
    private var mayFinish = false
    /// Nothing to do since then, CLOCK_BOOTTIME in ns.
    private var idleSince = Logger.now
    private var lastTurns: UInt64 = 0
    /// When a stream came, was opened or went last, CLOCK_BOOTTIME in ns, and whether memory was given back since.
    private var stirred = (at: Logger.now, isTrimmed: false)
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Slot.capacity, alignment: 8)

    /// A stream, live or ended.
    struct Known {
        var stream: Stream?
        var lane: Lane?
        var path: String
        var pipe: UInt64
        var bytes: UInt64 = 0
        var dropped: UInt64 = 0
        /// What is to be done once it has a lane.
        var orders: [LaneOrder] = []
    }

    private static let outboxNumber: UInt64 = 0
    private static let listenerNumber: UInt64 = 1
    /// After how many ms without anything to do it ends, or finishes what was left of streams that nobody has handed over.
    private static let patience: Int32 = 5000
    /// For how long, in ns, streams must have neither come nor gone before memory is given back.
    private static let calmness: UInt64 = 2_000_000_000
    /// How often lanes are looked at, in ms, while they do something.
    private static let watch: Int32 = 50
    /// For how long, in ns, a file system may keep a pipe more than half full without anybody reading it: then its oldest lines go, so that
    /// the service never waits longer than this and one look at the lanes, 2 s together. Before that the pipe gets longer (`Stream.widen`). A disk that is busy, but writes, costs no line.
    private static let patienceWithFiles: UInt64 = 1_750_000_000

    static var now: UInt64 { UInt64(clamping: xpm_nanoseconds(CLOCK_BOOTTIME)) }

    init(folder: String, lifeline: OpenFile? = nil) throws(LogFileError) {
        self.lifeline = lifeline
        listener = try LoggerListener(folder: folder)
        state = try StateFile(folder + "/logger.state")
        output = try Outbox()
        poller = try Poller()
        guard poller.add(output.descriptor, Self.outboxNumber), poller.add(listener.descriptor, Self.listenerNumber)
        else {
            throw LogFileError(cannot: "watch the logger's socket", errno)
        }
    }

    deinit { scratch.deallocate() }

    /// Until it was told to end, or there has been nothing to do for a while.
    func run() {
        while true {
            let isIdle = streams.values.allSatisfy { $0.stream == nil }
            if isIdle && isEnding { break }
            if !isIdle || !connections.isEmpty { idleSince = Self.now }
            let idle = Int32(clamping: (Self.now - idleSince) / 1_000_000)
            if idle >= Self.patience {
                if mayFinish { break }
                finishLeftovers()
                idleSince = Self.now
            }
            let next = relieveHanging()
            let count = poller.wait(milliseconds: isIdle && connections.isEmpty ? Self.patience : next)
            output.sleep(false)
            for index in 0..<count {
                let (number, events) = poller[index]
                switch number {
                case Self.outboxNumber: for report in output.take() { handle(report) }
                case Self.listenerNumber: accept()
                default: if let connection = connections[number] { hear(number, connection, events) }
                }
            }
        }
        listener.close()
    }

    /// Gives an order to the lane that a stream is in.
    func pass(_ order: LaneOrder) {
        guard let number = order.stream, streams[number] != nil else { return }
        guard let lane = streams[number]?.lane else { return waitForLane(order, number) }
        if lane.post(order) { return }
        // It has ended, and reported before that where its streams went.
        for report in output.take() { handle(report) }
        bounce(order)
    }

    private func accept() {
        while let socket = listener.accept() {
            lastConnection += 1
            let connection = LoggerConnection(socket)
            guard poller.add(socket.descriptor, lastConnection) else { continue }
            connections[lastConnection] = connection
            tell(.welcome(version: LoggerProtocol.version, pid: getpid()), lastConnection, lifeline)
        }
    }

    private func hear(_ number: UInt64, _ connection: LoggerConnection, _ events: UInt32) {
        if events & Poller.writable != 0 && !connection.flush() { return disconnect(number) }
        // One at a time, so that a keeper with many orders holds up no lane that hangs.
        switch connection.receive() {
        case .nothing: break
        case .gone: return disconnect(number)
        case .order(let order, let file): carryOut(order, file, number)
        case .orderWithoutItsFile(.take(let order)): refuse(order, number)
        case .orderWithoutItsFile(let order): carryOut(order, nil, number)
        }
        updateEvents(number)
    }

    func tell(_ message: LoggerMessage, _ number: UInt64, _ file: OpenFile? = nil) {
        guard let connection = connections[number] else { return }
        guard connection.send(message.encode(), file) else { return disconnect(number) }
        updateEvents(number)
    }

    func tellAll(_ message: LoggerMessage) {
        for number in Array(connections.keys) { tell(message, number) }
    }

    private func updateEvents(_ number: UInt64) {
        guard let connection = connections[number], connection.isWriteAwaited != connection.awaitsWriting else {
            return
        }
        connection.isWriteAwaited = connection.awaitsWriting
        let events = Poller.readable | (connection.awaitsWriting ? Poller.writable : 0)
        poller.change(connection.socket.descriptor, number, events: events)
    }

    private func disconnect(_ number: UInt64) {
        guard let connection = connections.removeValue(forKey: number) else { return }
        poller.remove(connection.socket.descriptor)
    }

    func end() { isEnding = true }

    /// Something has come or gone that leaves memory behind.
    func stir() { stirred = (Self.now, false) }

    /// Writes what the last logger had read of logs that no stream goes into any more.
    func finishLeftovers() {
        guard !mayFinish else { return }
        mayFinish = true
        for path in state.unfinishedPaths() where paths[path] == nil {
            _ = give(.finish(path: path), for: path)
        }
    }

    /// Gives back what new streams have left behind, and the start itself, once no more come, whatever those that are there bring. In how
    /// many ms to look again: for that, or for `next`.
    private func trim(beside next: Int32) -> Int32 {
        guard !stirred.isTrimmed else { return next }
        let (now, due) = (Self.now, stirred.at &+ Self.calmness)
        guard now >= due else {
            let wait = Int32(clamping: (due - now) / 1_000_000 + 1)
            return next < 0 ? wait : min(next, wait)
        }
        stirred.isTrimmed = true
        xpm_trim_memory()
        return next
    }

    /// Makes room in the pipes of lanes that hang. In how many ms that has to be done again, -1 for when somebody rings.
    private func relieveHanging() -> Int32 {
        let all = Array(lanes.values) + openers.values.joined()
        let turns = all.reduce(0) { $0 &+ $1.turns }
        // Whoever begins something from here on rings, or is seen below.
        if turns == lastTurns { output.sleep(true) }
        var next: Int32 = turns == lastTurns ? -1 : Self.watch
        lastTurns = turns
        for lane in all {
            guard lane.isBusySince != 0 else { continue }
            if next < 0 { next = Self.watch }
            next = min(next, lane.relieveFromOutside(scratch, at: Self.now, after: Self.patienceWithFiles))
        }
        for lane in all {
            for message in lane.hangNews(at: Self.now, after: Self.patienceWithFiles) { tellAll(message) }
            // Its return is told, too.
            if lane.isHangTold, next < 0 { next = Self.watch }
        }
        for stream in queuedStreams {
            if next < 0 { next = Self.watch }
            if stream.relieve(scratch, at: Self.now, after: Self.patienceWithFiles) {
                next = Lane.shortestRelief
                stream.cause = .waits
            }
        }
        if next >= 0 { output.sleep(false) }
        return trim(beside: next)
    }
}
