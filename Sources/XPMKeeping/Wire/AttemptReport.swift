/// What the keeper knows of one attempt.
public struct AttemptReport: Equatable, Sendable {
    /// How far an attempt has come.
    public enum Phase: Equatable, Sendable {
        /// The main process lives.
        case running
        /// The main process is gone, since a wall clock time in milliseconds; `emptied` if everything is.
        case exited(ExitStatus, atMilliseconds: UInt64, emptied: Bool)
    }

    /// xpmd's number for it.
    public var attempt: UInt64
    /// The main process; 0 if an adopted one was never found.
    public var pid: Int32
    /// Field 22 of /proc/pid/stat, in clock ticks since boot.
    public var startTime: UInt64
    /// How far it has come.
    public var phase: Phase

    /// A report with its parts.
    public init(attempt: UInt64, pid: Int32, startTime: UInt64, phase: Phase) {
        self.attempt = attempt
        self.pid = pid
        self.startTime = startTime
        self.phase = phase
    }
}
