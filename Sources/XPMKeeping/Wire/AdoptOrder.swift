import XPMLogs

/// All that the keeper has to know to take over one attempt that an earlier keeper started.
public struct AdoptOrder: Equatable, Sendable {
    /// xpmd's number for it.
    public var attempt: UInt64
    /// The main process, or 0 where nobody knows.
    public var pid: Int32
    /// Field 22 of /proc/pid/stat, in clock ticks since boot.
    public var startTime: UInt64
    /// As in its `SpawnOrder`.
    public var marker: String
    /// The cgroup that the attempt had, an absolute path below the cgroup file system's mount; empty for none.
    public var cgroup: String
    /// As in its `SpawnOrder`: the keeper binds it anew.
    public var notifySocket: String
    /// As in its `SpawnOrder`, where it writes into pipes.
    public var standardOutput = ""
    public var standardError = ""
    public var rotation: RotationPolicy?
    /// It was spawned with a terminal.
    public var hasTerminal = false

    /// An attempt that ran under another keeper.
    public init(
        attempt: UInt64, pid: Int32, startTime: UInt64, marker: String, cgroup: String = "", notifySocket: String = ""
    ) {
        self.attempt = attempt
        self.pid = pid
        self.startTime = startTime
        self.marker = marker
        self.cgroup = cgroup
        self.notifySocket = notifySocket
    }
}
