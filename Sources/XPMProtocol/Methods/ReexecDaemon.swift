/// Puts the program that is installed now in the place of the one that runs, in the same process: the way to upgrade xpmd.
///
/// Services run on, the socket goes on taking connections, and those that are open end. Refused where that program cannot run.
public struct ReexecDaemon: Method {
    public static let name = "daemon.reexec"
    public static let isRepeatable = false

    /// Asks.
    public init() {}

    /// What is about to take its place.
    public struct Reply: Codable, Hashable, Sendable {
        /// Its version.
        public var version: String

        /// A program of this version.
        public init(version: String) { self.version = version }
    }
}
