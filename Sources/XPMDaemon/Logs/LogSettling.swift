import NIOCore
import XPMSupervision

/// Waits until all that an attempt has written is in its files: it may still be on its way through a pipe.
final class LogSettling {
    /// A log's file system may not answer; what is in the files is read then.
    private static let patience = TimeAmount.seconds(1)

    /// One question is on its way for an attempt at a time. Who asks meanwhile may mean what was written since.
    private struct Wait {
        var asked: [() -> Void]
        var later: [() -> Void] = []
        var timeout: Scheduled<Void>
    }

    private let keeper: KeeperLink
    private let loop: any EventLoop
    private var waits: [AttemptID: Wait] = [:]

    init(keeper: KeeperLink, loop: any EventLoop) {
        self.keeper = keeper
        self.loop = loop
    }

    /// `then` is called once, maybe at once.
    func settle(_ attempt: AttemptID, then: @escaping () -> Void) {
        if waits[attempt] != nil {
            waits[attempt]?.later.append(then)
        } else {
            ask(attempt, [then])
        }
    }

    private func ask(_ attempt: AttemptID, _ then: [() -> Void]) {
        guard keeper.send(.settle(attempt: attempt.rawValue)) else { return then.forEach { $0() } }
        let timeout = loop.assumeIsolated().scheduleTask(in: Self.patience) { [weak self] in
            if let self { settled(attempt) }
        }
        waits[attempt] = Wait(asked: then, timeout: timeout)
    }

    /// The keeper says so, or it takes too long.
    func settled(_ attempt: AttemptID) {
        guard let wait = waits.removeValue(forKey: attempt) else { return }
        wait.timeout.cancel()
        if !wait.later.isEmpty { ask(attempt, wait.later) }
        for then in wait.asked { then() }
    }

    /// The keeper is gone, and its answers with it.
    func keeperLost() { for attempt in Array(waits.keys) { settled(attempt) } }
}
