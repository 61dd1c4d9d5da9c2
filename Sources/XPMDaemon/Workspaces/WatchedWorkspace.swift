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

    private var inbox: Inbox?
    private var pool: NIOThreadPool?

    init(_ row: WorkspaceRow) {
        key = row.key
        path = row.path
        since = Timestamp(milliseconds: row.since)
    }

    var row: WorkspaceRow { WorkspaceRow(key: key, path: path, since: since.milliseconds) }

    /// Begins; `take` is called on the loop with each piece of news.
    func start(on loop: any EventLoop, take: @escaping (WorkspaceNews) -> Void) {
        guard pool == nil, let inbox = Inbox() else {
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

    /// Ends soon, without waiting: a file system may not answer.
    func stop() {
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
