import Synchronization

/// A few connections, each used by one thread at a time; more calls wait their turn. A thread ends when there is nothing left to do.
final class ConnectionPool: Sendable {
    /// A call: gets a connection that was used before, if there is one, and gives back one that can be used again.
    typealias Work = @Sendable (Connection?) -> Connection?

    private struct State {
        var idle: [Connection] = []
        var threads = 0
        var waiting: [Work] = []
    }

    private let size: Int
    private let state = Mutex(State())

    init(size: Int) { self.size = size }

    /// Does `work` on a thread, soon.
    func submit(_ work: @escaping Work) {
        let startsThread = state.withLock { state in
            guard state.threads < size else {
                state.waiting.append(work)
                return false
            }
            state.threads += 1
            return true
        }
        if startsThread { Thread.start { self.run(work) } }
    }

    private func run(_ first: @escaping Work) {
        var connection = state.withLock { $0.idle.popLast() }
        var work: Work? = first
        while let current = work {
            if connection?.isUsable == false { connection = nil }
            connection = current(connection)
            work = state.withLock { state in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                state.threads -= 1
                if let connection { state.idle.append(connection) }
                return nil
            }
        }
    }
}
