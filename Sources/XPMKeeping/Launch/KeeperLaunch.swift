import Glibc

/// How xpmd starts a keeper that outlives it.
public struct KeeperLaunch: Sendable {
    /// Absolute path of `xpm-keeper`.
    public var executable: String
    /// Where the keeper listens; at most 107 bytes. Its folder exists and belongs to the user alone.
    public var socketPath: String
    /// What the keeper says of itself is appended here; created with mode 0600.
    public var logPath: String
    /// The keeper's own environment, as `KEY=value`; services don't inherit it. A marker of an outer attempt does not
    /// belong in it.
    public var environment: [String]
    /// The keeper's soft limit of open files, which is that of services whose caller has named none; nil for the caller's own.
    public var openFiles: UInt64?

    /// A launch of the keeper at `executable`.
    public init(
        executable: String, socketPath: String, logPath: String, environment: [String] = [], openFiles: UInt64? = nil
    ) {
        self.executable = executable
        self.socketPath = socketPath
        self.logPath = logPath
        self.environment = environment
        self.openFiles = openFiles
    }

    /// Starts the keeper and returns its pid; its socket can be connected to at once. A file of a keeper that is gone is
    /// replaced. Two launches for one path must not run at a time: who launches holds the instance's lock.
    /// The keeper is the caller's child; with SIGCHLD ignored it needs no reaping.
    public func start() throws(KeeperLaunchError) -> Int32 {
        let listener = try Self.listen(at: socketPath)
        do throws(Spawning.Failure) {
            return try Spawning(openFiles: openFiles).start(
                arguments: [executable, "--socket", socketPath], environment: environment, directory: "/",
                output: "/dev/null", error: logPath, options: .init(listener: listener.number)
            ).pid
        } catch {
            unlink(socketPath)
            throw .notStarted(executable: executable, logPath: logPath, error)
        }
    }

    /// A listening socket at a path. A file of a keeper that is gone is replaced; any other is `occupied`.
    static func listen(at socketPath: String) throws(KeeperLaunchError) -> Descriptor {
        let address = try UnixAddress(socketPath)
        try removeStaleFile(address, socketPath)
        return try bind(address, socketPath)
    }

    private static func removeStaleFile(_ address: UnixAddress, _ socketPath: String) throws(KeeperLaunchError) {
        var status = stat()
        guard lstat(socketPath, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .occupied(socketPath, "a file that is no socket") }
        let probe = try address.socket(for: socketPath)
        // A full backlog too means that somebody listens.
        let connected = address.withPointer { connect(probe.number, $0, $1) }
        guard connected < 0 && errno == ECONNREFUSED else { throw .occupied(socketPath, "a living keeper") }
        unlink(socketPath)
    }

    private static func bind(_ address: UnixAddress, _ socketPath: String) throws(KeeperLaunchError) -> Descriptor {
        let listener = try address.socket(for: socketPath)
        // On Linux the file takes its mode from the socket: private from its birth, without touching the process's umask,
        // which other threads depend on. The sticky bit keeps cleaners away from it (XDG Base Directory Specification).
        guard fchmod(listener.number, 0o1600) == 0,
            address.withPointer({ Glibc.bind(listener.number, $0, $1) }) == 0
        else {
            throw .notBound(socketPath, errno)
        }
        guard Glibc.listen(listener.number, SOMAXCONN) == 0 else {
            let cause = errno
            unlink(socketPath)
            throw .notBound(socketPath, cause)
        }
        return listener
    }
}
