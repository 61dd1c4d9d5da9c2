/// When processes began, by which one is told from a later one of the same pid.
public enum ProcessStart {
    /// In clock ticks since boot; nil where there is no such process any more.
    public static func time(of pid: Int32) -> UInt64? {
        ProcessFiles.stat(of: pid).flatMap { $0.isGone ? nil : $0.startTime }
    }
}
