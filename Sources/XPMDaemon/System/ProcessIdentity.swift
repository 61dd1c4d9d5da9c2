import XPMKeeping

/// One process, never to be confused with another one of the same pid, not even after a restart of the machine.
struct ProcessIdentity: Codable, Hashable {
    var pid: Int32
    /// In clock ticks since boot.
    var startTime: UInt64
    var bootID: String

    /// The process that has `pid` now; nil where there is none.
    init?(_ pid: Int32) {
        guard pid > 0, let startTime = ProcessStart.time(of: pid) else { return nil }
        self.pid = pid
        self.startTime = startTime
        bootID = BootClock.bootID
    }

    /// Whether it has not ended yet.
    var isAlive: Bool { ProcessIdentity(pid) == self }
}
