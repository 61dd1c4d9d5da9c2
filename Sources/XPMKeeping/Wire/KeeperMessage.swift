/// What the keeper tells xpmd.
public enum KeeperMessage: Equatable, Sendable {
    /// `instance` is random for each keeper process; `bootID` tells whether pids of an earlier one can still be meant.
    case welcome(version: UInt16, pid: Int32, instance: UInt64, bootID: String)
    /// Every attempt that is not yet forgotten, by number; right behind `welcome`.
    case snapshot([AttemptReport])
    /// The main process runs. `startTime` is field 22 of /proc/pid/stat, in clock ticks since boot.
    case spawned(attempt: UInt64, pid: Int32, startTime: UInt64)
    /// Nothing was started and nothing is remembered.
    case spawnFailed(attempt: UInt64, stage: SpawnFailureStage, errno: Int32)
    /// The main process is gone; never before its `spawned`.
    case exited(attempt: UInt64, ExitStatus, atMilliseconds: UInt64)
    /// No process of the attempt is left; never before its `exited`.
    case emptied(attempt: UInt64)
    /// A request was not carried out.
    case refused(reason: String)
    /// The folder in which each attempt has a cgroup of its own, as an absolute path below the mount point, and the
    /// controllers that are at hand there; an empty folder, and why, where there is none.
    case cgroup(folder: String, controllers: [String], reason: String)
    /// What attempts use just now.
    case usage([AttemptUsage])
    /// The processes that are left of an attempt.
    case processes(attempt: UInt64, [ProcessReport])
    /// Processes of the attempt, `pid` last, said this on its notify socket: the lines of variables that are known, of what came at once
    /// in one. What was said while nobody listened comes behind the snapshot, one message for each variable with its last value.
    case notified(attempt: UInt64, pid: Int32, text: String)
    /// What an attempt has used until its end; comes before its `exited`.
    case spent(attempt: UInt64, AttemptCost)
    /// Answers `settle`.
    case settled(attempt: UInt64)
    /// Answers `clearLog`; the problem is empty where there was none.
    case cleared(path: String, problem: String)
    /// Something became of an attempt's log that its user should know: a clause.
    case logged(attempt: UInt64, path: String, text: String)
    /// Why nobody reads what services write, one line for people; empty where somebody does, or will when there is
    /// anything to read. Comes behind the snapshot, and when it changes.
    case logger(fault: String)
    /// The versions that this keeper speaks; the connection ends behind it.
    case incompatible(minimum: UInt16, maximum: UInt16)
}
