/// What one attempt uses, all its processes together.
public struct AttemptUsage: Equatable, Sendable {
    /// xpmd's number for it.
    public var attempt: UInt64
    /// How many processes it has.
    public var processes: UInt32
    /// Bytes: of its cgroup where that counts them, else the resident ones of its processes.
    public var memory: UInt64
    /// Processor time: of its cgroup since it began, else of the processes that are there.
    public var microseconds: UInt64

    /// A measurement.
    public init(attempt: UInt64, processes: UInt32, memory: UInt64, microseconds: UInt64) {
        self.attempt = attempt
        self.processes = processes
        self.memory = memory
        self.microseconds = microseconds
    }
}

/// What an attempt has used until its main process ended.
public struct AttemptCost: Equatable, Sendable {
    /// Processor time: of its cgroup, else of its main process and the children that this has waited for.
    public var microseconds: UInt64
    /// Bytes at the most, in the same sense.
    public var memory: UInt64
    /// The kernel killed a process of it because it had reached its memory limit.
    public var outOfMemory: Bool

    /// A bill.
    public init(microseconds: UInt64, memory: UInt64, outOfMemory: Bool) {
        self.microseconds = microseconds
        self.memory = memory
        self.outOfMemory = outOfMemory
    }
}

/// One process, for people.
public struct ProcessReport: Equatable, Sendable {
    /// Its number.
    public var pid: Int32
    /// The letter of proc_pid_stat(5): `D` is uninterruptible sleep.
    public var state: UInt8
    /// The program's name, cut to 15 bytes.
    public var name: String
    /// The kernel's function that it sleeps in, where the kernel tells; else empty.
    public var waitChannel: String

    /// A process.
    public init(pid: Int32, state: UInt8, name: String, waitChannel: String) {
        self.pid = pid
        self.state = state
        self.name = name
        self.waitChannel = waitChannel
    }
}
