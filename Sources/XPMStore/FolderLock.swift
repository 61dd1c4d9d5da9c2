import Glibc

/// The lock on a folder itself. The lock's file in it can be removed while it is held, and another daemon would make a new one;
/// the folder cannot go without its files.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// What an attempt to lock a folder came to.
    enum Outcome {
        case taken(FolderLock)
        case held
        /// The file system does not lock what is open for reading only (NFS): there the lock's file alone counts.
        case unknown
    }

    static func take(_ path: String) -> Outcome {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return .unknown }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return .taken(FolderLock(descriptor)) }
        let reason = errno
        close(descriptor)
        return reason == EWOULDBLOCK ? .held : .unknown
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // A child that another thread has just made may have the descriptor for a moment more.
        unlock()
        close(descriptor)
    }

    func unlock() { flock(descriptor, LOCK_UN) }

    /// Whether it is the lock of the folder that is at `path` now.
    func isIntact(_ path: String) -> Bool {
        var (held, named) = (stat(), stat())
        return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev
            && held.st_ino == named.st_ino
    }
}
