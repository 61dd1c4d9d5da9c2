import Glibc

/// The one xpm-web of a state folder: a lock on a file of it, which ends with the process.
enum InstanceLock {
    /// Takes it for as long as the process lives. False where another one has it.
    static func take(in folder: String) throws(SystemError) -> Bool {
        let path = "\(folder)/lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw SystemError("open \(path)") }
        guard flock(file, LOCK_EX | LOCK_NB) != 0 else { return true }
        let code = errno
        close(file)
        if code == EWOULDBLOCK { return false }
        throw SystemError("lock \(path)", code)
    }
}
