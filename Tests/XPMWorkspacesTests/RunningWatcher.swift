import Dispatch
import Synchronization
import Testing
import XPMProtocol

@testable import XPMWorkspaces

/// A watcher on its thread, and what it has told so far. It is stopped at the end.
final class RunningWatcher: Sendable {
    private let inbox: Inbox
    private let told = Mutex([WorkspaceNews]())
    private let news = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    /// Holds up the watcher in the middle of its news.
    private let gate = Mutex<(held: DispatchSemaphore, release: DispatchSemaphore)?>(nil)

    /// `system` makes what the watcher asks instead of the machine, on the watcher's thread.
    init(_ root: String, system: @escaping @Sendable () -> WatchingSystem = { WatchingSystem() }) throws {
        inbox = try #require(Inbox())
        DispatchQueue(label: "watcher").async { [self, inbox] in
            WorkspaceWatcher(root: root, inbox: inbox, system: system()) { [self] in take($0) }.run()
            ended.signal()
        }
    }

    private func take(_ piece: WorkspaceNews) {
        told.withLock { $0.append(piece) }
        news.signal()
        guard let gate = gate.withLock({ $0 }) else { return }
        gate.held.signal()
        gate.release.wait()
    }

    /// Waits for news from the `start`th on that `isWanted`; returns how many there are with it.
    @discardableResult
    func await(from start: Int = 0, _ what: String, _ isWanted: (WorkspaceNews) -> Bool) throws -> Int {
        while true {
            let all = told.withLock { $0 }
            if let index = all.indices.dropFirst(start).first(where: { isWanted(all[$0]) }) { return index + 1 }
            try #require(news.wait(timeout: .now() + 300) == .success, "waited in vain for \(what): \(all)")
        }
    }

    /// Waits until it has told of a state; returns its error.
    func await(_ state: WorkspaceRecord.State) throws -> String? {
        var error: String?
        try self.await("the state \(state)") { piece in
            guard case .state(state, let text) = piece else { return false }
            error = text
            return true
        }
        return error
    }

    /// Waits for a service of a run.
    func await(service id: String, of experiment: String) throws {
        try self.await("the service \(experiment):\(id)") { piece in
            guard case .runs(let runs) = piece else { return false }
            return runs.contains { $0.name.experiment == experiment && $0.services.contains { $0.id == id } }
        }
    }

    /// The states that it has told of.
    var states: [WorkspaceRecord.State] {
        told.withLock { $0.compactMap { if case .state(let state, _) = $0 { state } else { nil } } }
    }

    /// Calls `body` while the watcher is held up in the news that `cause` brings.
    func hold(by cause: () throws -> Void, _ body: () throws -> Void) throws {
        let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        gate.withLock { $0 = (held, release) }
        defer {
            gate.withLock { $0 = nil }
            release.signal()
        }
        try cause()
        try #require(held.wait(timeout: .now() + 300) == .success, "waited in vain for any news")
        try body()
    }

    /// Ends it.
    func stop() throws {
        inbox.stop()
        try #require(ended.wait(timeout: .now() + 300) == .success, "the watcher does not end")
    }
}
