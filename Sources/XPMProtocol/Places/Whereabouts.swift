/// Where the daemon of a state folder serves, as it notes there itself for clients to which another runtime folder is set.
public struct Whereabouts: Codable, Hashable, Sendable {
    /// The file in the state folder, 0600.
    public static let fileName = "daemon.json"
    /// More than that is no note.
    public static let sizeLimit = 1 << 16

    /// The daemon's process, in its own pid namespace.
    public var pid: Int32
    /// When that process began, in clock ticks since boot.
    public var startTime: UInt64
    /// Which boot that was.
    public var bootID: String
    /// Its control socket.
    public var socket: String

    /// The daemon `pid`, which serves `socket`.
    public init(pid: Int32, startTime: UInt64, bootID: String, socket: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
        self.socket = socket
    }

    private enum CodingKeys: String, CodingKey {
        case pid, socket
        case startTime = "start_time"
        case bootID = "boot_id"
    }
}
