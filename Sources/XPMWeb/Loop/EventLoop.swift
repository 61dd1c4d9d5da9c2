import CLinux
import Glibc

/// The one loop of the program: it waits in epoll(7) for descriptors and timers, and does nothing else.
///
/// All of it belongs to the thread that made it; other threads have a `Waker`.
final class EventLoop {
    private struct Slot {
        var source: EventSource?
        /// What is told of an earlier descriptor of this number is dropped by it.
        var generation: UInt32 = 0
    }

    /// The time, by CLOCK_MONOTONIC in nanoseconds, when this turn began.
    private(set) var now: Int64
    var timers = Timers()
    private let poll: Int32
    /// By descriptor.
    private var slots: [Slot] = []
    private var tasks: [() -> Void] = []
    private var isStopped = false

    /// How many descriptors are looked at in a turn.
    private static let batch = 256

    init() throws(SystemError) {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw SystemError("wait for events") }
        now = xpm_nanoseconds(CLOCK_MONOTONIC)
    }

    deinit { _ = Glibc.close(poll) }

    /// Watches a descriptor until it is unregistered, which must be before it is closed.
    func register(_ descriptor: Int32, for events: Events, _ source: EventSource) throws(SystemError) {
        let place = Int(descriptor)
        while slots.count <= place { slots.append(Slot()) }
        precondition(slots[place].source == nil, "descriptor \(descriptor) is registered already")
        slots[place].generation &+= 1
        var event = event(descriptor, events)
        guard epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw SystemError("watch a descriptor") }
        slots[place].source = source
    }

    /// Watches a descriptor; `ready` is called on the loop.
    func register(_ descriptor: Int32, for events: Events, _ ready: @escaping (Events) -> Void) throws(SystemError) {
        try register(descriptor, for: events, ClosureSource(ready))
    }

    /// Changes what is watched for.
    func modify(_ descriptor: Int32, for events: Events) {
        var event = event(descriptor, events)
        _ = epoll_ctl(poll, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Stops watching. Harmless for what is not watched.
    func unregister(_ descriptor: Int32) {
        let place = Int(descriptor)
        guard place < slots.count, slots[place].source != nil else { return }
        slots[place].source = nil
        _ = epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
    }

    /// Closes a descriptor, which ends watching it, too: it must have no duplicate.
    func close(_ descriptor: Int32) {
        if Int(descriptor) < slots.count { slots[Int(descriptor)].source = nil }
        _ = Glibc.close(descriptor)
    }

    /// Closes all connections that are watched.
    func closeAll() { for slot in slots { (slot.source as? Connection)?.close() } }

    /// How many connections are open.
    var connectionCount: Int { slots.count { $0.source is Connection } }

    /// The most that waits to be sent on any connection.
    var largestOutput: Int { slots.reduce(0) { max($0, ($1.source as? Connection)?.output.count ?? 0) } }

    /// Does something once, after a duration.
    @discardableResult func after(_ duration: Duration, _ action: @escaping () -> Void) -> Timer {
        let timer = Timer(on: self, action)
        timer.set(after: duration)
        return timer
    }

    /// Does something in the next turn, after what other descriptors have by then.
    func later(_ action: @escaping () -> Void) { tasks.append(action) }

    /// Ends `run` with this turn.
    func stop() { isStopped = true }

    /// Runs until it is stopped.
    func run() {
        isStopped = false
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.batch) { events in
            while !isStopped { turn(events) }
        }
    }

    private func turn(_ events: UnsafeMutableBufferPointer<epoll_event>) {
        let count = epoll_wait(poll, events.baseAddress, Int32(events.count), timeout)
        now = xpm_nanoseconds(CLOCK_MONOTONIC)
        for event in events.prefix(Int(max(count, 0))) {
            let place = Int(truncatingIfNeeded: event.data.u64 & 0xFFFF_FFFF)
            guard slots[place].generation == UInt32(truncatingIfNeeded: event.data.u64 >> 32) else { continue }
            slots[place].source?.ready(Events(rawValue: event.events))
        }
        while let action = timers.next(now) { action() }
        guard !tasks.isEmpty else { return }
        let due = tasks
        tasks = []
        for task in due { task() }
    }

    /// For epoll_wait(2), in milliseconds; rounded up, for a timer that fires early would be waited for once more.
    private var timeout: Int32 {
        guard tasks.isEmpty else { return 0 }
        guard let due = timers.first else { return -1 }
        let left = max(due - xpm_nanoseconds(CLOCK_MONOTONIC), 0)
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }

    private func event(_ descriptor: Int32, _ events: Events) -> epoll_event {
        let token = UInt64(slots[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        return epoll_event(events: events.rawValue, data: epoll_data_t(u64: token))
    }
}
