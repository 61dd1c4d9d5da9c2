/// What xpmd asks of the keeper; requests are carried out in the order in which they came.
public enum KeeperRequest: Equatable, Sendable {
    /// Has to come first; answered by `welcome` and `snapshot`, or by `incompatible`.
    case hello(minimum: UInt16, maximum: UInt16)
    /// Answered by `spawned` or `spawnFailed`; for a known attempt by what is known of it, and nothing is started.
    case spawn(SpawnOrder)
    /// Takes over a process that an earlier keeper started. Answered by `spawned` if it lives, else by `exited` with
    /// an unknown status; leftovers are found by the marker alone then. A pid of 0 looks the process up by its marker.
    case adopt(attempt: UInt64, pid: Int32, startTime: UInt64, marker: String)
    /// To the main process's whole group, or to each process left once that is gone. Unknown attempts are ignored.
    case signal(attempt: UInt64, signal: Int32)
    /// SIGKILL to every process of the attempt, until none is left.
    case kill(attempt: UInt64)
    /// Forgets an attempt that has exited, as soon as it is empty. Ignored for a running one.
    case acknowledge(attempt: UInt64)
    /// Ends the keeper if no process of any attempt lives, acknowledged or not; otherwise `refused`.
    case shutdown
}
