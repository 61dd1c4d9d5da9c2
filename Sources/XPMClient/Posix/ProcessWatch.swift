import CLinux
import Glibc
import XPMProtocol

/// One process, held by a pidfd so that a later process of the same number is not taken for it.
public struct ProcessWatch: ~Copyable {
    private let descriptor: CInt

    /// Watches the process `pid`; nothing is watched where it has gone, or this kernel lacks pidfds.
    public init(pid: Int32) { descriptor = xpm_pidfd_open(pid) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits until the process has ended, at most `limit`.
    public func waitForEnd(limit: Duration) {
        guard descriptor >= 0 else { return }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = limit.components.seconds.clampedProduct(1000)
            .clampedSum(limit.components.attoseconds / 1_000_000_000_000_000)
        _ = Glibc.poll(&poll, 1, CInt(clamping: milliseconds))
    }
}
