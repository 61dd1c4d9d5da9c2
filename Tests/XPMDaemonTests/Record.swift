import NIOCore
import Synchronization

/// What happened on an event loop, in order, for a test that waits for it on its own thread.
final class Record: Sendable {
    private let loop: any EventLoop
    private let state = Mutex(State())

    private struct State {
        var entries: [String] = []
        var waiting: (count: Int, promise: EventLoopPromise<Void>)?
    }

    init(loop: any EventLoop) { self.loop = loop }

    var entries: [String] { state.withLock(\.entries) }

    func note(_ entry: String) {
        let reached = state.withLock { state -> EventLoopPromise<Void>? in
            state.entries.append(entry)
            guard let waiting = state.waiting, state.entries.count >= waiting.count else { return nil }
            state.waiting = nil
            return waiting.promise
        }
        reached?.succeed()
    }

    /// Waits until that many things have happened, and returns them.
    func wait(for count: Int) throws -> [String] {
        let promise = loop.makePromise(of: Void.self)
        let isThere = state.withLock { state in
            if state.entries.count >= count { return true }
            state.waiting = (count, promise)
            return false
        }
        if isThere { promise.succeed() }
        try promise.futureResult.awaited("\(count) entries")
        return entries
    }
}

extension EventLoopFuture where Value: Sendable {
    /// The value, or a failure after a minute.
    @discardableResult
    func awaited(_ what: String) throws -> Value {
        let outcome = eventLoop.makePromise(of: Value.self)
        let deadline = eventLoop.scheduleTask(in: .seconds(300)) {
            outcome.fail(FixtureFailure("waited in vain for \(what)"))
        }
        whenComplete { result in
            deadline.cancel()
            outcome.completeWith(result)
        }
        return try outcome.futureResult.wait()
    }
}
