import Synchronization

/// What a watcher's thread is at, so that others can see whether it gets on: a file system may not answer.
public final class Activity: Sendable {
    /// What it is at. Two looks that are alike, some seconds apart, are those at a thread that hangs.
    public struct Look: Equatable, Sendable {
        /// Whether it is at anything.
        public var isBusy = false
        /// Where it is.
        public var path = ""
        fileprivate var steps: UInt64 = 0
    }

    private struct State {
        var look = Look()
        var isWatched = false
    }

    private let state = Mutex(State())
    private let whenBusy: @Sendable () -> Void

    /// `whenBusy` is called, on the watcher's thread, when it begins with something while nobody looks.
    init(whenBusy: @escaping @Sendable () -> Void) { self.whenBusy = whenBusy }

    /// What it is at. Whoever has been told that it is busy looks until it is not, and is told again then.
    public func look() -> Look {
        state.withLock { state in
            if !state.look.isBusy { state.isWatched = false }
            return state.look
        }
    }

    /// Looks at a path from now on.
    func at(_ path: String) {
        let isNew = state.withLock { state in
            state.look.isBusy = true
            state.look.path = path
            state.look.steps &+= 1
            defer { state.isWatched = true }
            return !state.isWatched
        }
        if isNew { whenBusy() }
    }

    /// Waits for something to do.
    func rest() { state.withLock { $0.look.isBusy = false } }
}
