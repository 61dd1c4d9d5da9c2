import NIOCore
import NIOPosix
import XPMProtocol
import XPMStore
import XPMWorkspaces

/// A workspace that is watched, by a thread of its own.
final class WatchedWorkspace {
    /// The row in the store.
    let key: Int64
    /// The folder, without symbolic links.
    let path: String
    let since: Timestamp
    var state = WorkspaceRecord.State.scanning
    var error: String?
    /// The runs that were seen going on.
    var open: Set<RunName> = []
    /// The runs whose interpreter was asked for already, whatever came of it.
    var asked: Set<RunName> = []
    /// The last news of runs that tell of services which were left alone because they had a process.
    var withheld: [RunName: FoundRun] = [:]

    /// Whether starts have crashed over it, so that it is not read.
    var isExcluded = false
    /// As what it is in hand until it has been read once.
    var held = 0

    /// How long what its watcher looks at may take to answer.
    var patience = TimeAmount.seconds(5)
    /// The path that it looks at and that does not answer.
    private(set) var hung: String? { didSet { if hung != oldValue { hangs(hung) } } }
    /// Called where something does not answer, and with nil where it has at last.
    private var hangs: (String?) -> Void = { _ in }
    private var check: Scheduled<Void>?

    private var inbox: Inbox?
    private var pool: NIOThreadPool?

    /// Whether it is watched, or that was tried.
    private(set) var isBegun = false

    init(_ row: WorkspaceRow) {
        key = row.key
        path = row.path
        since = Timestamp(milliseconds: row.since)
    }

    var row: WorkspaceRow { WorkspaceRow(key: key, path: path, since: since.milliseconds) }

    /// Begins; `take` is called on the loop with each piece of news, and `hangs` with a path that does not answer, or nil where it has
    /// at last.
    func start(on loop: any EventLoop, take: @escaping (WorkspaceNews) -> Void, hangs: @escaping (String?) -> Void) {
        isBegun = true
        self.hangs = hangs
        let own = NIOLoopBound(self, eventLoop: loop)
        guard pool == nil, let inbox = Inbox(whenBusy: { loop.execute { own.value.watchActivity(nil, on: loop) } })
        else {
            error = "cannot watch \(path): xpmd has no descriptor left"
            return
        }
        let pool = NIOThreadPool(numberOfThreads: 1)
        (self.inbox, self.pool) = (inbox, pool)
        pool.start()
        let take = NIOLoopBound(take, eventLoop: loop)
        let path = path
        pool.submit { state in
            guard state == .active else { return }
            WorkspaceWatcher(root: path, inbox: inbox) { news in loop.execute { take.value(news) } }.run()
        }
    }

    /// Looks whether the watcher gets on, until it has nothing to do.
    private func watchActivity(_ last: Activity.Look?, on loop: any EventLoop) {
        guard let inbox else { return }
        let now = inbox.activity.look()
        hung = now.isBusy && now == last ? now.path : nil
        guard now.isBusy else { return }
        check?.cancel()
        check = loop.assumeIsolated().scheduleTask(in: patience) { [weak self] in self?.watchActivity(now, on: loop) }
    }

    /// Ends soon, without waiting: a file system may not answer.
    func stop() {
        check?.cancel()
        inbox?.stop()
        pool?.shutdownGracefully { _ in }
        (inbox, pool) = (nil, nil)
    }

    /// Asks what the services of runs that have ended are made again with.
    func findInterpreters(of runs: [RunName]) {
        let fresh = runs.filter { asked.insert($0).inserted }
        inbox?.findInterpreters(of: fresh)
    }
}
