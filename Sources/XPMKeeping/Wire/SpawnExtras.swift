import XPMLogs

/// What an attempt gets beyond a process; the second version of the protocol has it, the third `caller`, the fourth `rotation`.
public struct SpawnExtras: Equatable, Sendable {
    /// One limit by setrlimit(2), soft and hard.
    public struct ResourceLimit: Equatable, Sendable {
        /// The resource's number on Linux, RLIMIT_NOFILE being 7.
        public var resource: UInt8
        /// The limit; the maximum for none. One above the hard limit is lowered to that.
        public var limit: UInt64

        /// `limit` for `resource`.
        public init(resource: UInt8, limit: UInt64) {
            self.resource = resource
            self.limit = limit
        }
    }

    /// What it would have inherited of the process that it was added by. As far as the keeper may give it.
    public struct Caller: Equatable, Hashable, Sendable {
        /// A soft and a hard limit of setrlimit(2), the maximum for none.
        public struct Limit: Equatable, Hashable, Sendable {
            public var resource: UInt8
            public var soft: UInt64
            public var hard: UInt64

            /// The limits of a resource, by its number on Linux.
            public init(resource: UInt8, soft: UInt64, hard: UInt64) {
                self.resource = resource
                self.soft = soft
                self.hard = hard
            }
        }

        /// The file mode mask.
        public var umask: Int32?
        public var nice: Int32?
        public var oomScore: Int32?
        /// Numbers of processors, sorted; empty for all.
        public var cpus: [UInt16] = []
        public var limits: [Limit] = []

        /// Nothing of anybody.
        public init() {}
    }

    /// The priority, -20 to 19.
    public var nice: Int32?
    /// For /proc/self/oom_score_adj, -1000 to 1000.
    public var oomScore: Int32?
    /// Limits of each process.
    public var resourceLimits: [ResourceLimit]
    /// memory.max of its cgroup in bytes, 0 for none; without such a cgroup RLIMIT_DATA of each process.
    public var memory: UInt64
    /// pids.max of its cgroup, 0 for none; without such a cgroup nothing.
    public var tasks: UInt64
    /// cpu.weight of its cgroup, 0 for none; without such a cgroup nothing.
    public var cpuWeight: UInt32
    /// Where the keeper listens for its notifications (sd_notify), at most 107 bytes; empty for none. NOTIFY_SOCKET is
    /// for the environment of the order to name.
    public var notifySocket: String
    /// The identifier under which standard output and error go to the journal in place of the log files; empty for the files.
    public var journal: String
    /// What it has of its caller; `nice`, `oomScore` and `resourceLimits` come after it.
    public var caller = Caller()
    /// It writes into pipes, and the logger into the log files, which it rotates so; nil where the process has the files themselves.
    public var rotation: RotationPolicy?
    /// With `rotation`: standard output and error are one terminal of this size, which goes into the log of standard output; nil for pipes.
    /// Standard input stays /dev/null: nobody types. TERM is for the environment of the order to name.
    public var terminal: TerminalSize?

    /// Nothing beyond a process, but for what is given.
    public init(
        nice: Int32? = nil, oomScore: Int32? = nil, resourceLimits: [ResourceLimit] = [], memory: UInt64 = 0,
        tasks: UInt64 = 0, cpuWeight: UInt32 = 0, notifySocket: String = "", journal: String = ""
    ) {
        self.nice = nice
        self.oomScore = oomScore
        self.resourceLimits = resourceLimits
        self.memory = memory
        self.tasks = tasks
        self.cpuWeight = cpuWeight
        self.notifySocket = notifySocket
        self.journal = journal
    }
}
