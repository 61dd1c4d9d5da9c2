import NIOCore

/// Something that is read from the disk whenever it is needed, so that an edit counts at once. A worker reads it, for its file system may
/// not answer: that is waited for only so long, by those who come first, and by nobody after them; what was read before stays until
/// there is an answer.
final class Rereading<Value: Sendable> {
    /// As it was read last.
    private(set) var value: Value
    /// Why that is not what there is now.
    private(set) var fault: Workers.Fault?
    /// Called where it has not answered in time, and where it has at last.
    var changed: () -> Void = {}

    private final class Waiter {
        var then: (() -> Void)?
        var deadline: Scheduled<Void>?

        init(_ then: @escaping () -> Void) { self.then = then }

        func finish() {
            deadline?.cancel()
            let then = then
            self.then = nil
            then?()
        }
    }

    private let path: String
    private let workers: Workers
    private let loop: any EventLoop
    private let read: @Sendable (Value) -> Value
    /// Those that wait for what is being read, and for what is read after that: what they ask for may be newer.
    private var current: [Waiter]?
    private var next: [Waiter] = []

    /// Will read what is at `path`: `read` is given what was read before, and may block.
    init(
        _ path: String, as value: Value, by workers: Workers = .userFiles, on loop: any EventLoop,
        _ read: @escaping @Sendable (Value) -> Value
    ) {
        (self.path, self.value, self.workers, self.loop, self.read) = (path, value, workers, loop, read)
    }

    /// Whether it is being read just now.
    var isReading: Bool { current != nil }

    /// Whether it has not answered in time, and still has not.
    var hangs: Bool { fault != nil && isReading }

    /// Reads it; `then` is called, once, when that is done, or has not been done within `patience`, from when on it counts as one that
    /// does not answer; or sooner, when `time` is over.
    func renew(patience: TimeAmount, within time: TimeAmount? = nil, then: @escaping () -> Void = {}) {
        guard !hangs else { return then() }
        let waiter = Waiter(then)
        if let time {
            waiter.deadline = loop.assumeIsolated().scheduleTask(in: time) { waiter.finish() }
        }
        if isReading { next.append(waiter) } else { begin(for: [waiter], patience) }
    }

    private func begin(for waiters: [Waiter], _ patience: TimeAmount) {
        current = waiters
        let deadline = loop.assumeIsolated().scheduleTask(in: patience) { [self] in
            fault = .noAnswer(path: path)
            changed()
            finish((current ?? []) + next)
            next = []
        }
        let (before, read) = (value, read)
        workers.run(.path(path), on: loop) { read(before) }.assumeIsolated().whenComplete { [self] outcome in
            deadline.cancel()
            let (hung, waiting, later) = (hangs, current ?? [], next)
            (current, next) = (nil, [])
            switch outcome {
            case .success(let value): (self.value, fault) = (value, nil)
            case .failure(let error): fault = error as? Workers.Fault ?? .noThread
            }
            // Before anybody goes on: what is needed once more is not the same reading.
            if !later.isEmpty { begin(for: later, patience) }
            if hung { changed() }
            finish(waiting)
        }
    }

    private func finish(_ waiters: [Waiter]) { for waiter in waiters { waiter.finish() } }
}
