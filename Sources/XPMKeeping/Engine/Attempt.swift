/// One try at running a service, as the keeper sees it.
struct Attempt {
    let number: UInt64
    /// 0 if an adopted one was never found.
    var pid: Int32
    var startTime: UInt64
    let marker: ArraySlice<UInt8>
    /// The main process is the keeper's own child: it stays a zombie, and its number its own, until the keeper reaps it.
    let isChild: Bool
    var phase: AttemptReport.Phase = .running
    /// Its main process is another one than it began with.
    var isFollowed = false
    /// Nobody wants to hear of it again. Only set once it has exited.
    var isAcknowledged = false
    /// The cgroup that its processes are in, if it has one of its own.
    var cgroup: CgroupFiles?
    /// What it has used, once its main process has ended.
    var cost: AttemptCost?
    /// What it said of itself last.
    var notices = Notices()
    /// A group or session of the main process's number is this attempt's. No longer so for an adopted one once none was
    /// seen after its end, for then the number may be given to another process.
    var ownsNumber: Bool

    var isRunning: Bool { phase == .running }

    /// The group that is the attempt's for certain: that of a main process which nobody but the keeper reaps.
    var ownGroup: Int32? { isChild && isRunning && !isFollowed ? pid : nil }

    var isEmptied: Bool {
        if case .exited(_, _, emptied: true) = phase { true } else { false }
    }

    var report: AttemptReport {
        AttemptReport(attempt: number, pid: pid, startTime: startTime, phase: phase)
    }
}
