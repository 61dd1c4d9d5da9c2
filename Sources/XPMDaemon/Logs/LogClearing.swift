import NIOCore

/// Has logs emptied while they are written.
final class LogClearing {
    /// A log's file system may not answer.
    private static let patience = TimeAmount.seconds(10)

    private struct Wait {
        var then: [(_ problem: String?) -> Void]
        var timeout: Scheduled<Void>
    }

    private let keeper: KeeperLink
    private let loop: any EventLoop
    private var waits: [String: Wait] = [:]

    init(keeper: KeeperLink, loop: any EventLoop) {
        self.keeper = keeper
        self.loop = loop
    }

    /// `then` is called once, with a clause where the log could not be emptied.
    func clear(_ path: String, then: @escaping (_ problem: String?) -> Void) {
        guard keeper.send(.clearLog(path: path)) else { return then("xpm-keeper is not running, or an older version") }
        let timeout =
            waits[path]?.timeout
            ?? loop.assumeIsolated().scheduleTask(in: Self.patience) { [weak self] in
                if let self { cleared(path, "nothing was heard of it within 10 s") }
            }
        waits[path] = Wait(then: (waits[path]?.then ?? []) + [then], timeout: timeout)
    }

    /// The keeper says so; the problem is empty where there was none.
    func cleared(_ path: String, _ problem: String) {
        guard let wait = waits.removeValue(forKey: path) else { return }
        wait.timeout.cancel()
        for then in wait.then { then(problem.isEmpty ? nil : problem) }
    }

    /// The keeper is gone, and its answers with it.
    func keeperLost() { for path in Array(waits.keys) { cleared(path, "xpm-keeper was lost") } }
}
