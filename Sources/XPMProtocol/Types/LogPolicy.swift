/// Where a service's output goes, and how much of it is kept.
public struct LogPolicy: Codable, Hashable, Sendable {
    /// Where it goes.
    public enum Target: String, WordChoice, Sendable {
        /// To two files of the service's own, which are rotated.
        case files
        /// To the journal of systemd, under the service's full name as identifier.
        case journal
        /// Nowhere: it is discarded.
        case null
    }

    /// Where it goes (default: to files).
    public var target: Target?
    /// The size in bytes at which a file is rotated (default: 64 MiB); 0 for never.
    public var maximumBytes: Int64?
    /// How many rotated files are kept of each (default: 4).
    public var keep: Int?
    /// The file of its standard output, an absolute path (default: one below the state folder).
    public var stdout: String?
    /// The file of its standard error, an absolute path (default: one below the state folder).
    public var stderr: String?
    /// Whether each attempt begins an empty file, and the one before is kept as a rotated one (default: false).
    public var fresh: Bool?

    /// A policy.
    public init(
        _ target: Target? = nil, maximumBytes: Int64? = nil, keep: Int? = nil, stdout: String? = nil,
        stderr: String? = nil, fresh: Bool? = nil
    ) {
        self.target = target
        self.maximumBytes = maximumBytes
        self.keep = keep
        self.stdout = stdout
        self.stderr = stderr
        self.fresh = fresh
    }

    /// The size where a definition names none.
    public static let defaultMaximumBytes: Int64 = 64 << 20
    /// The number of rotated files where a definition names none.
    public static let defaultKeep = 4

    private enum CodingKeys: String, CodingKey {
        case keep, stdout, stderr, fresh
        case target = "to"
        case maximumBytes = "max_bytes"
    }
}
