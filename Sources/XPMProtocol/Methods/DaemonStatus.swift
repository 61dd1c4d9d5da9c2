/// How the daemon itself is.
public struct DaemonStatus: Method {
    public static let name = "daemon.status"
    public static var isQuestion: Bool { true }

    /// Asks.
    public init() {}

    /// The daemon's condition.
    public struct Reply: Codable, Hashable, Sendable {
        /// Its version.
        public var version: String
        public var pid: Int32
        /// The keeper's process, if there is a keeper.
        public var keeperPid: Int32?
        /// When this daemon process began.
        public var startedAt: Timestamp
        /// The id of the state folder.
        public var instance: String
        public var socket: String
        public var stateFolder: String
        /// How many services there are in each state.
        public var services: [String: Int]
        /// The newest event's sequence number.
        public var lastEvent: Int64
        /// Open connections, this one included.
        public var connections: Int
        /// Why changes cannot be saved just now, where they cannot.
        public var storageFault: String?
        /// What was done about a database that was lost while the daemon ran; left out where nothing was.
        public var storageNote: String?
        /// Why the keeper cannot be relied on, where it does not answer; services are then neither started, stopped nor watched.
        public var keeperFault: String?
        /// Why nobody reads what services write into their logs; they wait once their pipes are full. Left out where somebody does.
        public var loggerFault: String?
        /// What inotify lacks, so that changes of files are noticed later; left out where it lacks nothing.
        public var watchFault: String?
        /// The cgroup below which each attempt has one of its own; left out where trees of processes are told without.
        public var cgroup: String?
        /// The controllers of that cgroup, by which limits are enforced.
        public var controllers: [String]?
        /// Whether this user's services survive the logout (loginctl enable-linger); left out where no systemd says.
        public var linger: Bool?
        /// Whether something starts xpmd when the machine starts; left out where no service is to run after a reboot.
        public var startsAtBoot: Bool?
        /// Why the settings in `config.toml` are not in force, where they are not.
        public var settingsFault: String?
        /// The number of strays that are not ignored; left out if there are none.
        public var strays: Int?
        /// The web page, where it is meant to run or has a process; left out otherwise.
        public var web: WebRecord?
        /// Why the web page does not work, where it should.
        public var webFault: String?

        /// A condition.
        public init(
            version: String, pid: Int32, keeperPid: Int32?, startedAt: Timestamp, instance: String, socket: String,
            stateFolder: String, services: [String: Int], lastEvent: Int64, connections: Int, storageFault: String?
        ) {
            self.version = version
            self.pid = pid
            self.keeperPid = keeperPid
            self.startedAt = startedAt
            self.instance = instance
            self.socket = socket
            self.stateFolder = stateFolder
            self.services = services
            self.lastEvent = lastEvent
            self.connections = connections
            self.storageFault = storageFault
        }

        private enum CodingKeys: String, CodingKey {
            case version, pid, instance, socket, services, connections, cgroup, controllers, linger, strays, web
            case keeperPid = "keeper_pid"
            case keeperFault = "keeper_fault"
            case loggerFault = "logger_fault"
            case watchFault = "watch_fault"
            case startedAt = "started_at"
            case stateFolder = "state_folder"
            case lastEvent = "last_event"
            case storageFault = "storage_fault"
            case startsAtBoot = "starts_at_boot"
            case settingsFault = "settings_fault"
            case storageNote = "storage_note"
            case webFault = "web_fault"
        }
    }
}
