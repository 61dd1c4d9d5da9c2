import CLinux
import Glibc

/// A thread, with the streams whose logs are on one device: a file system that does not answer holds up nobody else's lines. Logs are
/// opened in lanes of their own, by mount, and come to their device's when that is known.
///
/// Whatever may hang happens outside of its lock. So the main thread sees for how long that takes, and can make room in the pipes
/// meanwhile.
final class Lane: @unchecked Sendable {
    // All that changes is touched under the lock only; what is in a log or in the slot, by the lane's thread only.
    let lock = Lock()
    var streams: [UInt64: Stream] = [:]
    /// Those of them that could not be written.
    var failing: Set<UInt64> = []
    var inbox: [LaneOrder] = []
    /// It has ended, and takes nothing more.
    private(set) var isOver = false
    /// How many of them hold bytes that have no room.
    var holding = 0
    /// The numbers of an attempt's streams, by the attempt.
    private(set) var siblings: [UInt64: [UInt64]] = [:]
    /// How long until it looks at failing streams again, in ms.
    var reliefDelay: Int32 = Lane.shortestRelief
    /// The same for the main thread, while this one hangs.
    var hangRelief: Int32 = .max
    /// Since when it hung when the keeper was told so, 0 where it was not, and of which streams. The main thread's own.
    var hangTold: UInt64 = 0
    var streamsToldOfHang: Set<UInt64> = []
    /// Nil in a lane that opens.
    let slot: Slot?
    /// Whose name is on the slot.
    var slotOwner: UInt64 = 0
    var marks = UInt64.random(in: 0...UInt64.max)
    let state: StateFile
    let output: Outbox
    let syncer: Syncer
    var poller: Poller
    /// A pipe of its own, to look at bytes without taking them.
    var peekPipe: (reader: OpenFile, writer: OpenFile)?
    private let wake: OpenFile
    private let busySince: UnsafeMutablePointer<UInt64>

    static let shortestRelief: Int32 = 4
    static let longestRelief: Int32 = 64
    /// An event's number that no stream has.
    private static let wakeNumber = UInt64.max

    init(slot: Slot?, state: StateFile, output: Outbox, syncer: Syncer) throws(LogFileError) {
        self.slot = slot
        self.state = state
        self.output = output
        self.syncer = syncer
        poller = try Poller()
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw LogFileError(cannot: "make an eventfd", errno) }
        wake = OpenFile(number)
        busySince = .allocate(capacity: 2)
        busySince.initialize(repeating: 0, count: 2)
        guard poller.add(number, Self.wakeNumber) else { throw LogFileError(cannot: "watch an eventfd", errno) }
    }

    deinit { busySince.deallocate() }

    /// False where there can't be another thread.
    func start() -> Bool { PlainThread.start { [self] in run() } }

    /// The stream is this lane's from now on.
    func enter(_ stream: Stream) {
        let isNew = streams.updateValue(stream, forKey: stream.number) == nil
        let attempt = stream.order.attempt
        if attempt != 0, isNew { siblings[attempt, default: []].append(stream.number) }
    }

    /// It is not any more.
    func leave(_ stream: Stream) {
        guard streams.removeValue(forKey: stream.number) != nil else { return }
        let attempt = stream.order.attempt
        siblings[attempt]?.removeAll { $0 == stream.number }
        if siblings[attempt]?.isEmpty == true { siblings[attempt] = nil }
    }

    /// False where the lane has ended.
    func post(_ order: LaneOrder) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard !isOver else { return false }
        inbox.append(order)
        var one: UInt64 = 1
        _ = write(wake.descriptor, &one, 8)
        return true
    }

    var isFinished: Bool {
        lock.lock()
        defer { lock.unlock() }
        return isOver
    }

    /// Since when it has been in something that may hang, CLOCK_BOOTTIME in ns; 0 while it is not.
    var isBusySince: UInt64 { xpm_load(busySince) }

    /// Grows with all that it does.
    var turns: UInt64 { xpm_load(busySince + 1) }

    /// Carries out what may hang.
    func outside<Result>(_ body: () throws(LogFileError) -> Result) throws(LogFileError) -> Result {
        xpm_store(busySince, UInt64(clamping: xpm_nanoseconds(CLOCK_BOOTTIME)))
        xpm_store(busySince + 1, busySince[1] &+ 1)
        output.watch()
        lock.unlock()
        defer {
            lock.lock()
            xpm_store(busySince, 0)
        }
        return try body()
    }

    private func run() {
        lock.lock()
        while true {
            while !inbox.isEmpty { carryOut(inbox.removeFirst()) }
            if !failing.isEmpty { relieveFailing() }
            if slot == nil && streams.isEmpty && inbox.isEmpty {
                isOver = true
                return lock.unlock()
            }
            let timeout = inbox.isEmpty ? failing.isEmpty ? -1 : reliefDelay : 0
            lock.unlock()
            let count = poller.wait(milliseconds: timeout)
            lock.lock()
            var there = [Int](repeating: .max, count: count)
            for index in (0..<count).reversed() {
                guard let stream = streams[poller[index].number], !stream.isTerminal else { continue }
                there[index] = max(stream.available, 0)
            }
            for index in 0..<count {
                let (number, events) = poller[index]
                if number == Self.wakeNumber {
                    var value: UInt64 = 0
                    _ = read(wake.descriptor, &value, 8)
                } else if let stream = streams[number] {
                    serve(stream, isHungUp: events & Poller.hangup != 0, atMost: there[index])
                }
            }
        }
    }
}
