import Glibc

/// The folder that holds the database: the user's own, closed to others, and locked by one process at a time.
///
/// The lock ends with this value or with the process, however that ends.
final class StateFolder: Sendable {
    /// The database's file.
    let database: String
    private let path: String
    private let lockFile: String
    private let lock: Int32
    private let folderLock: FolderLock?

    /// Makes or checks the folder, takes its lock, and makes the database's file if there is none.
    ///
    /// On a file system that is `shared` between hosts the lock's file counts as well; nil finds that out. What this process has
    /// of the folder already comes with `old`.
    init(
        _ path: String, holder: LockHolder = .own, shared: Bool? = nil, makingDatabase: Bool = true,
        replacing old: StateFolder? = nil
    ) throws(StoreError) {
        self.path = path
        database = "\(path)/xpmd.sqlite"
        lockFile = "\(path)/xpmd.lock"
        try Self.makeOwn(path)
        switch old?.folderLock {
        case let kept? where kept.isIntact(path): folderLock = kept
        default: folderLock = try Self.lockFolder(path, lockFile, holder)
        }
        lock = try Self.takeLock(lockFile, folder: path, holder, shared)
        if makingDatabase { try Self.makePrivateFile(database, folder: path) }
    }

    deinit {
        if LockHolder.read(from: lock)?.pid == getpid(), isIntact { ftruncate(lock, 0) }
        close(lock)
    }

    /// Lets another process, or another store of this one, have the folder.
    func unlock() {
        // Others have it by now, perhaps.
        if LockHolder.read(from: lock)?.pid == getpid(), isIntact { ftruncate(lock, 0) }
        flock(lock, LOCK_UN)
        folderLock?.unlock()
    }

    /// Whether its lock is still the one that others would meet.
    var isIntact: Bool {
        var held = stat()
        var named = stat()
        return fstat(lock, &held) == 0 && lstat(lockFile, &named) == 0 && held.st_dev == named.st_dev
            && held.st_ino == named.st_ino
    }

    /// Makes an empty file beside the database, closed to others, in the place of what such an attempt before has left.
    func makeScratchFile(_ file: String) throws(StoreError) {
        unlink(file)
        try Self.makePrivateFile(file, folder: path)
    }

    /// Has what was renamed in it last a power cut.
    func synchronize() { Self.synchronize(path) }

    private static func makeOwn(_ path: String) throws(StoreError) {
        var missing: [String] = []
        var folder = path
        while !folder.isEmpty, access(folder, F_OK) != 0, errno == ENOENT {
            missing.append(folder)
            while folder.hasSuffix("/") { folder.removeLast() }
            folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        }
        for folder in missing.reversed() where mkdir(folder, 0o700) != 0 && errno != EEXIST {
            throw .unusableFolder(path: path, cause: "\(folder) cannot be made: \(errnoText())")
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unusableFolder(path: path, cause: errnoText()) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .unusableFolder(path: path, cause: "it is not a folder") }
        guard status.st_uid == geteuid() else {
            throw .unusableFolder(path: path, cause: "it belongs to user \(status.st_uid)")
        }
        guard status.st_mode & 0o777 == 0o700 || chmod(path, 0o700) == 0 else {
            throw .unusableFolder(path: path, cause: "its mode cannot be set to 0700: \(errnoText())")
        }
        // A power cut must not take back the folder while keeping what was promised inside it.
        for folder in missing { synchronize(parent(of: folder)) }
    }

    private static func lockFolder(_ path: String, _ file: String, _ own: LockHolder) throws(StoreError) -> FolderLock?
    {
        switch FolderLock.take(path) {
        case .taken(let lock): return lock
        case .unknown: return nil
        case .held:
            let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            defer { close(descriptor) }
            throw inUse(path, LockHolder.read(from: descriptor), own)
        }
    }

    private static func inUse(_ path: String, _ holder: LockHolder?, _ own: LockHolder) -> StoreError {
        .inUse(path: path, host: holder.flatMap { $0.host == own.host ? nil : $0.host }, pid: holder?.pid)
    }

    private static func takeLock(
        _ file: String, folder: String, _ own: LockHolder, _ shared: Bool?
    ) throws(StoreError) -> Int32 {
        // A file of its own: closing any descriptor of the database's file would drop SQLite's locks on it.
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw cannotMake(file, folder: folder) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = LockHolder.read(from: descriptor)
            close(descriptor)
            if reason == EWOULDBLOCK {
                throw inUse(folder, holder, own)
            }
            throw .unusableFolder(
                path: folder, cause: "\(file) cannot be locked: \(String(cString: strerror(reason)))")
        }
        if let holder = LockHolder.read(from: descriptor), holder.mayLiveElsewhere(than: own),
            shared ?? LockHolder.isShared(descriptor)
        {
            close(descriptor)
            throw .heldElsewhere(path: folder, host: holder.host, pid: holder.pid, lock: file)
        }
        own.write(to: descriptor)
        return descriptor
    }

    private static func makePrivateFile(_ file: String, folder: String) throws(StoreError) {
        // SQLite would make it by the umask; its -wal and -shm files then take the mode of this one.
        let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            synchronize(folder)
        } else if errno == EEXIST {
            for suffix in ["", "-wal", "-shm"] { chmod(file + suffix, 0o600) }
        } else {
            throw cannotMake(file, folder: folder)
        }
    }

    private static func cannotMake(_ file: String, folder: String) -> StoreError {
        let reason = errno
        let cause = "\(file) cannot be made: \(String(cString: strerror(reason)))"
        return reason == ENOSPC || reason == EDQUOT
            ? .full(path: file, cause: String(cString: strerror(reason))) : .unusableFolder(path: folder, cause: cause)
    }

    private static func parent(of path: String) -> String {
        let components = path.split(separator: "/").dropLast()
        return (path.hasPrefix("/") ? "/" : "./") + components.joined(separator: "/")
    }

    private static func synchronize(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func errnoText() -> String { String(cString: strerror(errno)) }
}
