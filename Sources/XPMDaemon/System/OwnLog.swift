import Glibc
import XPMKeeping

/// The daemon's own log, where whoever started it has put its standard error there.
struct OwnLog {
    private let path: String
    private let isUsed: Bool

    init(path: String) {
        self.path = path
        let own = FileIdentity(descriptor: STDERR_FILENO)
        isUsed = own != nil && own == FileIdentity(path)
    }

    /// Goes on in a new file, if the old one is no longer at its path. What was written before stays in the old one.
    func renew() {
        guard isUsed, FileIdentity(path) != FileIdentity(descriptor: STDERR_FILENO) else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { return }
        for standard in [STDOUT_FILENO, STDERR_FILENO]
        where standard == STDERR_FILENO || isSame(STDOUT_FILENO, STDERR_FILENO) {
            dup2(descriptor, standard)
        }
        close(descriptor)
    }

    private func isSame(_ one: CInt, _ other: CInt) -> Bool {
        FileIdentity(descriptor: one) == FileIdentity(descriptor: other)
    }
}
