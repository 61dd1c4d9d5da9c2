import CLinux
import Glibc
import Synchronization

/// What a watcher's thread is asked by others.
public final class Inbox: Sendable {
    private struct State {
        var isStopped = false
        var wanted: [RunName] = []
    }

    private let state = Mutex(State())
    /// Readable while there is something to do.
    let descriptor: CInt
    /// What the watcher is at.
    public let activity: Activity

    /// An empty one; `whenBusy` is called as `Activity` says. Fails where the process has no descriptor left.
    public init?(whenBusy: @escaping @Sendable () -> Void = {}) {
        activity = Activity(whenBusy: whenBusy)
        descriptor = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        if descriptor < 0 { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Ends the watcher soon.
    public func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// Asks what the services of runs that have ended are made again with; `interpreters` tells.
    public func findInterpreters(of runs: [RunName]) {
        guard !runs.isEmpty else { return }
        state.withLock { $0.wanted += runs }
        wake()
    }

    var isStopped: Bool { state.withLock(\.isStopped) }

    /// The next runs that were asked for, at most so many.
    func takeWanted(atMost count: Int) -> [RunName] {
        state.withLock { state in
            let taken = Array(state.wanted.prefix(count))
            state.wanted.removeFirst(taken.count)
            return taken
        }
    }

    var hasWanted: Bool { state.withLock { !$0.wanted.isEmpty } }

    private func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Takes note of all wakes up to now.
    func settle() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
