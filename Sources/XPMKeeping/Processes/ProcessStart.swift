/// When processes began, by which one is told from a later one of the same pid.
public enum ProcessStart {
    /// In clock ticks since boot; nil where there is no such process any more.
    public static func time(of pid: Int32) -> UInt64? {
        ProcessFiles.stat(of: pid).flatMap { $0.isGone ? nil : $0.startTime }
    }
}

/// What a process is doing.
public enum ProcessState {
    /// Whether the process of this pid and start time is stopped by a signal or a debugger.
    public static func isSuspended(_ pid: Int32, startTime: UInt64) -> Bool {
        guard let stat = ProcessFiles.stat(of: pid), stat.startTime == startTime else { return false }
        return stat.state == UInt8(ascii: "T") || stat.state == UInt8(ascii: "t")
    }
}
