/// What xpmd asks of the keeper; requests are carried out in the order in which they came.
public enum KeeperRequest: Equatable, Sendable {
    /// Has to come first; answered by `welcome` and `snapshot`, or by `incompatible`.
    case hello(minimum: UInt16, maximum: UInt16)
    /// Answered by `spawned` or `spawnFailed`; for a known attempt by what is known of it, and nothing is started.
    case spawn(SpawnOrder)
    /// Takes over a process that an earlier keeper started. Answered by `spawned` if it lives, else by `exited` with
    /// an unknown status; leftovers are found by its cgroup and marker alone then. A pid of 0 looks the process up by these.
    case adopt(AdoptOrder)
    /// To every process of the attempt. Unknown attempts are ignored.
    case signal(attempt: UInt64, signal: Int32)
    /// SIGKILL to every process of the attempt, until none is left.
    case kill(attempt: UInt64)
    /// Forgets an attempt that has exited, as soon as it is empty. Ignored for a running one.
    case acknowledge(attempt: UInt64)
    /// Ends the keeper if no process of any attempt lives, acknowledged or not; otherwise `refused`.
    case shutdown
    /// Attempts that are spawned from now on get a cgroup of their own below `folder`, into which the keeper moves itself
    /// too; answered by `cgroup`.
    case useCgroup(folder: String)
    /// From now on this process, one of the attempt's own, is its main process (MAINPID=). Another's is ignored.
    case follow(attempt: UInt64, pid: Int32)
    /// Answered by `usage` of those attempts that live, of all if none are named.
    case measure(attempts: [UInt64])
    /// Answered by `processes`, those that are left of an attempt.
    case inspect(attempt: UInt64)
    /// To the main process alone or to every process of the attempt; with `resumes` SIGCONT follows, so that what is
    /// stopped (state T) or frozen sees it. Unknown attempts are ignored.
    case deliver(attempt: UInt64, signal: Int32, to: SignalTarget, resumes: Bool)
    /// Answered by `settled` once all that the attempt has written by now is in its logs; at once for one without pipes.
    case settle(attempt: UInt64)
    /// Begins the log at a path afresh. Answered by `cleared`.
    case clearLog(path: String)
    /// Whatever an earlier keeper had was adopted, so that the logger may finish what is left of others.
    case adoptedAll
}

/// Which processes of an attempt get a signal.
public enum SignalTarget: UInt8, Sendable, CaseIterable {
    case main
    case tree
}

extension KeeperRequest {
    /// The version of the protocol that has it.
    public var version: UInt16 {
        switch self {
        case .hello, .signal, .kill, .acknowledge, .shutdown: 1
        case .spawn(let order):
            order.extras.rotation != nil
                ? 4 : order.extras == SpawnExtras() ? 1 : order.extras.caller == SpawnExtras.Caller() ? 2 : 3
        case .adopt(let order):
            order.rotation != nil ? 4 : order.cgroup.isEmpty && order.notifySocket.isEmpty ? 1 : 2
        case .settle, .clearLog, .adoptedAll: 4
        case .useCgroup, .follow, .measure, .inspect: 2
        case .deliver: 3
        }
    }
}
