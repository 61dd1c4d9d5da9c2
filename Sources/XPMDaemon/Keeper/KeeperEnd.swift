import CLinux
import Glibc

/// A keeper's process, held so that no later process of its number is taken for it.
final class KeeperEnd: Sendable {
    private let descriptor: CInt

    init(pid: Int32) { descriptor = xpm_pidfd_open(pid) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits until the process has ended, for five seconds at most. Returns at once where it has gone, or the kernel has no pidfds.
    func await() {
        guard descriptor >= 0 else { return }
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&watched, 1, 5000)
    }
}
