/// All that the keeper has to know to start one attempt.
public struct SpawnOrder: Equatable, Sendable {
    /// Chosen by xpmd and never reused.
    public var attempt: UInt64
    /// The first one is the program's absolute path.
    public var arguments: [String]
    /// Complete, as `KEY=value`; nothing is inherited.
    public var environment: [String]
    /// Where the program starts.
    public var directory: String
    /// Appended to, created with mode 0600. The same path for both shares one open file.
    public var standardOutput: String
    /// Appended to, created with mode 0600.
    public var standardError: String
    /// One entry of `environment` that no other attempt has; processes that left group and session are known by it.
    public var marker: String
    /// Limits, notifications, journal.
    public var extras: SpawnExtras

    /// Paths are absolute, for the keeper's own folder is `/`.
    public init(
        attempt: UInt64, arguments: [String], environment: [String], directory: String, standardOutput: String,
        standardError: String, marker: String, extras: SpawnExtras = SpawnExtras()
    ) {
        self.attempt = attempt
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.marker = marker
        self.extras = extras
    }
}
