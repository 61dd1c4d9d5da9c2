/// What a service may use, all its processes together unless said otherwise.
///
/// Memory, tasks and CPU weight need a cgroup with the controller; without one, the memory limit applies to the data of each process (RLIMIT_DATA)
/// and the other two are not enforced, which the record's notes say.
public struct ResourceLimits: Codable, Hashable, Sendable {
    /// The maximum memory in bytes; the kernel kills the service beyond that.
    public var memoryBytes: Int64?
    /// The most processes and threads.
    public var tasks: Int64?
    /// Its share of a busy processor, 1 to 10000 (others: 100).
    public var cpuWeight: Int?
    /// The priority of its processes, -20 to 19, 19 being the lowest.
    public var nice: Int?
    /// How soon the kernel kills it when the machine runs out of memory, from -1000 (never) to 1000 (first).
    public var oomScore: Int?
    /// Limits of each process by setrlimit(2), by their small names: `{"nofile": 65536}`; -1 for none.
    public var rlimits: [String: Int64]?

    /// Limits; nil for none.
    public init(
        memoryBytes: Int64? = nil, tasks: Int64? = nil, cpuWeight: Int? = nil, nice: Int? = nil, oomScore: Int? = nil,
        rlimits: [String: Int64]? = nil
    ) {
        self.memoryBytes = memoryBytes
        self.tasks = tasks
        self.cpuWeight = cpuWeight
        self.nice = nice
        self.oomScore = oomScore
        self.rlimits = rlimits
    }

    /// The least limit of memory in bytes: with less than this nothing begins at all.
    public static let leastMemory: Int64 = 1 << 20
    /// The CPU weights that there are.
    public static let cpuWeights = 1...10_000
    /// The priorities that there are.
    public static let priorities = -20...19
    /// The scores that there are.
    public static let oomScores = -1000...1000
    /// The names of `rlimits`; a name's place is the resource's number on Linux.
    public static let resources = [
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending",
        "msgqueue", "nice", "rtprio", "rttime",
    ]

    private enum CodingKeys: String, CodingKey {
        case tasks, nice, rlimits
        case memoryBytes = "memory_bytes"
        case cpuWeight = "cpu_weight"
        case oomScore = "oom_score"
    }
}
