import Glibc
import XPMProtocol

/// One daemon per runtime folder, by a lock that the kernel drops however the process ends.
final class InstanceLock {
    private(set) var descriptor: CInt

    /// A lock that is held already, by the open file.
    init(descriptor: CInt) { self.descriptor = descriptor }

    /// What an attempt to become the folder's daemon came to.
    enum Outcome {
        case acquired(InstanceLock)
        /// Another daemon serves here already.
        case served
    }

    /// Takes the lock, or finds that another daemon answers on `socket`. Waits for one that is just ending or just beginning.
    static func acquire(_ path: String, socket: String?) throws(WireError) -> Outcome {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw WireError(.unreachable, "cannot open the lock file \(path): \(String(cString: strerror(errno)))")
        }
        // Only between two daemons that meet, so for an instant: there is no event for a lock's release.
        for _ in 0..<500 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return .acquired(InstanceLock(descriptor: descriptor)) }
            if let socket, ListeningSocket.answers(socket) {
                close(descriptor)
                return .served
            }
            usleep(20_000)
        }
        close(descriptor)
        throw WireError(.unreachable, "cannot start: another xpmd holds \(path), end it first")
    }

    func release() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }
}
