import CLinux
import Glibc
import NIOCore

/// Threads for what may block, perhaps for as long as a file system or another process does not answer.
///
/// Work has a key, say a log or a service: of one key only a few are done at a time, a second one only while the first is not taking
/// long, and so many may wait. So what hangs takes a thread or two, and the work of other keys goes on. Of one key work begins in
/// the order in which it came. Threads are made when there is work and end when there has been none for some seconds.
///
/// A thread has descriptors of its own: one that hangs outlives even SIGKILL, and must not keep the daemon's lock and socket then.
/// So work can neither use a descriptor that was opened elsewhere nor hand over one that it has opened, and cannot wake an event loop:
/// a courier, one more thread while there are any, brings its outcomes there.
final class Workers: @unchecked Sendable {
    /// Looks at what is to be run: folders, commands, sockets.
    static let launch = Workers(most: 32)
    /// Reads, times and rotates logs.
    static let logs = Workers(most: 64)
    /// Looks at processes, control groups, xpmd's own folders and programs.
    static let system = Workers(most: 16)
    /// Reads templates and settings, of each file one at a time.
    static let userFiles = Workers(most: 64, mostOfKey: 1)
    /// Reads what /proc tells of strangers: a process that is stuck answers nobody.
    static let processes = Workers(most: 32, mostOfKey: 1)

    /// What hangs together.
    enum Key: Hashable, Sendable {
        case path(String)
        /// What one object in memory needs, say a service.
        case object(ObjectIdentifier)
        /// The commands beside a service: one that hangs does not keep its own process from being started.
        case commands(of: ObjectIdentifier)
        /// One process, by its pid.
        case process(Int32)
        case processes, program, controlGroups, cryptography
    }

    /// Why work has no outcome.
    enum Fault: Error, Hashable {
        /// Its time is over; the path that it was looking at last, empty where it has not begun.
        case noAnswer(path: String)
        /// As much as may wait of its key does so already.
        case tooMuch
        case noThread
    }

    private struct Work {
        var number: UInt64
        /// What returns is for the courier.
        var body: @Sendable () -> Errand
    }

    /// Something that takes an event loop.
    private typealias Errand = @Sendable () -> Void

    private struct Begun {
        var number: UInt64
        var since: NIODeadline
        var thread: ThreadState
    }

    private struct Queue {
        var work = CircularBuffer<Work>()
        /// What is being done of it, the oldest first.
        var begun: [Begun] = []
        var isInTurn = false
    }

    /// How long work may take before others of its key wait for its end.
    private static let patience = TimeAmount.seconds(1)
    /// How long work waits for a thread to become free before another one is made.
    private static let relief = TimeAmount.milliseconds(20)
    /// How many times as long work may take that only waits for a processor.
    private static let mostPeriods = 12
    /// So many are made at once: more would only be in each other's way where nothing blocks.
    private static let usual = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    private let most: Int
    private let mostOfKey: Int
    private let mostWaiting: Int
    private let idleSeconds: CInt

    // Pthread's own: workers sleep until there is work, or they are not needed any more.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let offered = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let handed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // All below are bound to the mutex, hence `@unchecked`.
    private var queues: [Key: Queue] = [:]
    /// Keys of which something may be begun.
    private var turns = CircularBuffer<Key>()
    private var threads = 0
    private var idle = 0
    private var errands = CircularBuffer<Errand>()
    private var hasCourier = false
    /// When the courier looks whether another thread is needed; nil while nothing waits for one.
    private var reliefDue: NIODeadline?
    private var lastNumber: UInt64 = 0

    /// `most` threads, `mostOfKey` of them with work of one key, of which `mostWaiting` more may wait.
    init(most: Int, mostOfKey: Int = 2, mostWaiting: Int = 256, idleSeconds: CInt = 5) {
        (self.most, self.mostOfKey, self.mostWaiting, self.idleSeconds) = (most, mostOfKey, mostWaiting, idleSeconds)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(offered, &attributes)
        pthread_cond_init(handed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(offered)
        pthread_cond_destroy(handed)
        pthread_mutex_destroy(mutex)
        offered.deallocate()
        handed.deallocate()
        mutex.deallocate()
    }

    /// Does `body` on a thread; its outcome comes on `loop`. Where `time` is over first, that is a `Fault.noAnswer`, and what comes
    /// later is dropped. Work that waits for a processor, and for nothing else, has twelve times as long.
    func run<Value: Sendable>(
        _ key: Key, on loop: any EventLoop, within time: TimeAmount? = nil,
        _ body: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value> {
        let promise = loop.makePromise(of: Value.self)
        let trail = Trail()
        do throws(Fault) {
            let number = try submit(key) {
                let outcome = Result { try Trail.$current.withValue(trail) { try body() } }
                return { promise.completeWith(outcome) }
            }
            guard let time else { return promise.futureResult }
            let work = Timed(number: number, key: key, trail: trail, time: time)
            expire(work, promise, periods: Self.mostPeriods)
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    /// Work that has so much time.
    private struct Timed {
        var number: UInt64
        var key: Key
        var trail: Trail
        var time: TimeAmount
    }

    /// Fails the promise when the work's time is over.
    private func expire<Value: Sendable>(_ work: Timed, _ promise: EventLoopPromise<Value>, periods: Int) {
        let deadline = promise.futureResult.eventLoop.scheduleTask(in: work.time) { [self] in
            if periods > 1, waitsForProcessor(work.number, of: work.key) {
                return expire(work, promise, periods: periods - 1)
            }
            promise.fail(Fault.noAnswer(path: work.trail.path))
            forget(work.number, of: work.key)
        }
        promise.futureResult.whenComplete { _ in deadline.cancel() }
    }

    /// Whether work gets on as soon as there is a processor for it: nothing of its key is in its way, and what it asked for is there.
    private func waitsForProcessor(_ number: UInt64, of key: Key) -> Bool {
        locked {
            let begun = queues[key]?.begun ?? []
            if let own = begun.first(where: { $0.number == number }) { return own.thread.isRunnable }
            return threads < most && begun.allSatisfy(\.thread.isRunnable)
        }
    }

    /// How many threads there are.
    var threadCount: Int { locked { threads } }

    private func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    // MARK: Work that comes

    private func submit(
        _ key: Key, _ body: @escaping @Sendable () -> Errand
    ) throws(Fault) -> UInt64 {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard queues[key].map({ $0.work.count < mostWaiting }) ?? true else { throw .tooMuch }
        guard provideCourier() else { throw .noThread }
        lastNumber += 1
        queues[key, default: Queue()].work.append(Work(number: lastNumber, body: body))
        takeTurn(key)
        provide()
        guard threads > 0 else {
            remove(lastNumber, of: key)
            pthread_cond_signal(handed)
            throw .noThread
        }
        return lastNumber
    }

    private func forget(_ number: UInt64, of key: Key) { locked { remove(number, of: key) } }

    private func remove(_ number: UInt64, of key: Key) {
        queues[key]?.work.removeAll { $0.number == number }
        tidy(key)
    }

    private func tidy(_ key: Key) {
        guard let queue = queues[key], queue.work.isEmpty, queue.begun.isEmpty, !queue.isInTurn else { return }
        queues[key] = nil
    }

    /// Sees to it that what may be begun is: by a thread that has nothing to do, or a new one.
    private func provide() {
        guard !turns.isEmpty else { return }
        if turns.count <= idle { return _ = pthread_cond_signal(offered) }
        if threads < min(Self.usual, most) { return makeWorker() }
        guard reliefDue == nil else { return }
        reliefDue = .now() + Self.relief
        pthread_cond_signal(handed)
    }

    /// Makes another thread if what has waited for one still has none. On the courier's thread: the loop of whoever waits may have ended.
    private func relieve() {
        reliefDue = nil
        if turns.count > idle, threads < most { makeWorker() }
        provide()
    }

    /// Never on a worker, for a thread has the descriptors of the one that makes it.
    private func provideCourier() -> Bool {
        if !hasCourier { hasCourier = DetachedThread.start { [self] in carry() } == 0 }
        return hasCourier
    }

    private func makeWorker() {
        let code = DetachedThread.start { [self] in
            _ = xpm_own_descriptors()
            work()
        }
        if code == 0 { threads += 1 }
    }

    private func hand(_ errand: @escaping Errand) {
        errands.append(errand)
        pthread_cond_signal(handed)
    }

    // MARK: On the courier's thread

    private func carry() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let due = reliefDue, due <= .now() {
                relieve()
            } else if let errand = errands.popFirst() {
                pthread_mutex_unlock(mutex)
                errand()
                pthread_mutex_lock(mutex)
            } else if threads == 0 {
                reliefDue = nil
                return hasCourier = false
            } else if let due = reliefDue {
                xpm_await_nanoseconds(handed, mutex, (due - .now()).nanoseconds)
            } else {
                pthread_cond_wait(handed, mutex)
            }
        }
    }

    // MARK: On a thread

    private func work() {
        let thread = ThreadState.ofThisThread
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let (key, work) = next(for: thread) {
                pthread_mutex_unlock(mutex)
                let errand = work.body()
                pthread_mutex_lock(mutex)
                hand(errand)
                finish(work.number, of: key)
            } else if !rest() {
                threads -= 1
                if threads == 0 { pthread_cond_signal(handed) }
                return
            }
        }
    }

    /// Waits for work; false where none came for long.
    private func rest() -> Bool {
        idle += 1
        defer { idle -= 1 }
        while turns.isEmpty {
            if xpm_await(offered, mutex, idleSeconds) == ETIMEDOUT { return !turns.isEmpty }
        }
        return true
    }

    private func next(for thread: ThreadState) -> (Key, Work)? {
        while let key = turns.popFirst() {
            queues[key]?.isInTurn = false
            guard mayBegin(key), let work = queues[key]?.work.popFirst() else {
                tidy(key)
                continue
            }
            queues[key]?.begun.append(Begun(number: work.number, since: .now(), thread: thread))
            takeTurn(key)
            provide()
            return (key, work)
        }
        return nil
    }

    private func finish(_ number: UInt64, of key: Key) {
        queues[key]?.begun.removeAll { $0.number == number }
        takeTurn(key)
        tidy(key)
    }

    private func takeTurn(_ key: Key) {
        guard let queue = queues[key], !queue.isInTurn, !queue.work.isEmpty, mayBegin(key) else { return }
        queues[key]?.isInTurn = true
        turns.append(key)
    }

    private func mayBegin(_ key: Key) -> Bool {
        guard let begun = queues[key]?.begun, let oldest = begun.first else { return true }
        return begun.count < mostOfKey && oldest.since + Self.patience > .now()
    }
}

extension Workers.Fault: CustomStringConvertible {
    /// A clause.
    var description: String {
        switch self {
        case .noAnswer(path: ""), .tooMuch: "the file system that it is on does not answer"
        case .noAnswer(let path): "the file system of \(path) does not answer"
        case .noThread: "xpmd cannot create a thread"
        }
    }
}
