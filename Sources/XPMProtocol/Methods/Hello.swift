/// The first request of every connection: who is there, and which protocol both speak.
public struct Hello: Method {
    public static let name = "hello"

    /// The protocol versions that the client speaks.
    public var versions: VersionRange
    /// The client's name and version for the daemon's log, `xpmctl 0.1.0`.
    public var client: String

    /// A greeting by `client`.
    public init(client: String, versions: VersionRange = VersionRange()) {
        self.client = client
        self.versions = versions
    }

    /// What the daemon is, and what it accepts.
    public struct Reply: Codable, Hashable, Sendable {
        /// The protocol version of this connection.
        public var version: Int
        /// The daemon's name and version, `xpmd 0.1.0`.
        public var daemon: String
        /// The daemon's process.
        public var pid: Int32
        /// The id of the state folder; sequence and attempt numbers of another one mean something else.
        public var instance: String
        /// The most bytes that a request may have.
        public var requestLimit: Int
        /// The most bytes that a reply or event may have.
        public var replyLimit: Int

        /// A greeting back.
        public init(version: Int, daemon: String, pid: Int32, instance: String, requestLimit: Int, replyLimit: Int) {
            self.version = version
            self.daemon = daemon
            self.pid = pid
            self.instance = instance
            self.requestLimit = requestLimit
            self.replyLimit = replyLimit
        }

        private enum CodingKeys: String, CodingKey {
            case version, daemon, pid, instance
            case requestLimit = "request_limit"
            case replyLimit = "reply_limit"
        }
    }
}
