import XPMProtocol
import XPMSupervision

/// What is saved of a service beside its definition: where it stands and what is known of its process.
struct Runtime: Codable, Hashable {
    var phase: Phase = .idle(failure: nil, residue: nil)
    /// When it came into its state.
    var since: Timestamp
    /// Of its last change that was told; absent in older records.
    var revision: Int64?
    /// The last attempt, also when it is over.
    var attempt: AttemptID?
    var pid: Int32?
    /// The process's start in clock ticks since boot; with pid and boot id its identity.
    var startTime: UInt64?
    /// Which keeper, on which boot of the machine, was asked for the process.
    var keeper: KeeperIdentity?
    /// The process that a hosted service lives in, while that is connected.
    var host: ProcessIdentity?
    var url: String?
    /// Its port and its token, kept over all attempts; absent for none, as in older records.
    var allotment: Allotment?
    var exit: ExitReport?
    /// Why it is in ERROR.
    var error: String?
    /// How often it was started again by itself without a stable run in between; absent for none, as in older records.
    var restarts: Int?
    /// When the restart that is to come is due, by the wall clock and, for the delay itself, by the clock of the machine.
    var retry: Due?
    /// When it is to be stopped, for its run has ended.
    var ending: Due?
    /// How long its processes have to end where a stop has said so; absent where the definition counts.
    var graceSeconds: Double?
    /// The deadline that its service may put off, while one runs; absent in older records.
    var deadline: Deadline?
    /// How many processes the last main process has left that are not gone yet; absent for none.
    var leftovers: Int?
    /// What xpmd has last done to end the attempt's process; absent where nothing.
    var ender: Ender?
    /// How often it was started; absent for never, as in older records.
    var starts: Int?
    /// How often it was started again by itself since somebody started it; absent for never.
    var restartCount: Int?
    /// Its last failure.
    var lastFailure: FailureReport?
    /// What it last said of itself.
    var status: String?
    /// Why it will fail, as it said itself of the attempt.
    var complaint: String?
    /// In what the attempt runs, where a Python class is made again.
    var interpreter: InterpreterReport?
    /// The environment entry by which the attempt's processes are known, where another xpmd has given it.
    var marker: String?
    /// Whether the attempt's output goes to its files by way of pipes; absent where it writes into them itself, as in older records.
    var isPiped: Bool?
    /// Whether those are one terminal in place of pipes; absent where not.
    var isTerminal: Bool?
    /// The files that the attempt's output goes to, where a policy has put them elsewhere.
    var logs: LogPaths?
    /// What was last asked of it, by a client, along with another service or by the end of its run.
    var asked: Asked?
    /// The revision with which its last wait for others began.
    var queued: Int64?
    /// Its last attempt that became RUNNING.
    var ready: Milestone?
    /// Its last attempt that ended with success by itself.
    var completed: Milestone?
    /// Whether its definition was found in a watched workspace, and no client has added it; absent where not.
    var isFound: Bool?
    /// Whether it was stopped because it was idle, and neither started nor stopped since; absent where not.
    var asleep: Bool?
    /// When it was last active, once it does not run any more.
    var lastActivity: Timestamp?
    /// What its last start was for, where it slept before.
    var wokenBy: String?
    /// By which socket the attempt's port is reached, where it has a network of its own.
    var relay: String?
    /// What is wanted of the web page, for its service alone.
    var web: WebWish?
    /// Where the logs stood when the attempt began.
    var stdoutStart: Int64 = 0
    var stderrStart: Int64 = 0
}

/// A request that has changed something, and the revision that it made.
struct Asked: Codable, Hashable {
    enum Verb: String, Codable {
        case start, stop, restart
    }

    var verb: Verb
    var revision: Int64
}

/// How far an attempt has come, and the revision that it made: revisions of all services tell what was before what.
struct Milestone: Codable, Hashable {
    var attempt: AttemptID
    var revision: Int64
}

/// One keeper process: services that it started are its children, and no other's.
struct KeeperIdentity: Codable, Hashable {
    /// The keeper's random number in hexadecimal: JSON's integers end at 63 bits.
    var instance: String
    var bootID: String
    /// The folder in which its attempts have their cgroups.
    var cgroup: String?

    init(instance: UInt64, bootID: String, cgroup: String? = nil) {
        self.instance = String(instance, radix: 16)
        self.bootID = bootID
        self.cgroup = cgroup
    }

    // Where its cgroups are is no part of who it is.
    static func == (left: Self, right: Self) -> Bool {
        left.instance == right.instance && left.bootID == right.bootID
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(instance)
        hasher.combine(bootID)
    }
}
