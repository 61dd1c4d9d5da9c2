/// What a service gets of the process that added it, beside environment and folder: what a program started from there would
/// inherit. It tells how a service came about, and is no part of what it is.
public struct CallerSettings: Codable, Hashable, Sendable {
    /// The file mode mask, 0 to 511.
    public var umask: Int32?
    /// The priority, -20 to 19.
    public var nice: Int32?
    /// The processors that it may use, `0-3,8` (default: all).
    public var cpus: String?
    /// For the kernel's choice of what to kill when memory runs out, -1000 to 1000.
    public var oomScore: Int32?
    /// By the small names of setrlimit(2): the soft and the hard limit, -1 for none.
    public var rlimits: [String: [Int64]]?

    /// Settings; nil parts are the defaults of a login.
    public init(
        umask: Int32? = nil, nice: Int32? = nil, cpus: String? = nil, oomScore: Int32? = nil,
        rlimits: [String: [Int64]]? = nil
    ) {
        self.umask = umask
        self.nice = nice
        self.cpus = cpus
        self.oomScore = oomScore
        self.rlimits = rlimits
    }

    private enum CodingKeys: String, CodingKey {
        case umask, nice, cpus, rlimits
        case oomScore = "oom_score"
    }
}
