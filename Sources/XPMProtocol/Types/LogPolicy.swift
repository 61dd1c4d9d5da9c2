/// Where a service's output goes, and how much of it is kept.
public struct LogPolicy: Codable, Hashable, Sendable {
    /// Where it goes.
    public enum Target: String, WordChoice, Sendable {
        /// To two files of the service's own, which are rotated.
        case files
        /// To two files that the service itself has open, with nobody in between: they are never rotated, and times of lines are estimates.
        case direct
        /// To the journal of systemd, under the service's full name as identifier.
        case journal
        /// Nowhere: it is discarded.
        case null
    }

    /// Where it goes (default: to files).
    public var target: Target?
    /// The size in bytes at which a file is rotated (default: 64 MiB); 0 for never.
    public var maximumBytes: Int64?
    /// The age in seconds at which a file is rotated once more is written (default: 0, for never).
    public var maximumAgeSeconds: Double?
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
        _ target: Target? = nil, maximumBytes: Int64? = nil, maximumAgeSeconds: Double? = nil, keep: Int? = nil,
        stdout: String? = nil, stderr: String? = nil, fresh: Bool? = nil
    ) {
        self.target = target
        self.maximumBytes = maximumBytes
        self.maximumAgeSeconds = maximumAgeSeconds
        self.keep = keep
        self.stdout = stdout
        self.stderr = stderr
        self.fresh = fresh
    }

    /// The size where a definition names none.
    public static let defaultMaximumBytes: Int64 = 64 << 20
    /// The lowest and the highest age that can be asked for, in seconds: a minute and ten years.
    public static let ages = 60.0...315_360_000
    /// The number of rotated files where a definition names none.
    public static let defaultKeep = 4

    private enum CodingKeys: String, CodingKey {
        case keep, stdout, stderr, fresh
        case target = "to"
        case maximumBytes = "max_bytes"
        case maximumAgeSeconds = "max_age_s"
    }
}
