import CLinux
import Glibc
import XPMProtocol

/// A descriptor that can be read while something waits to be looked at: for poll(2) and epoll(7) of any thread.
package final class WakeUp: Sendable {
    package let descriptor: Int32

    /// `unreachable` where the system has no descriptor left.
    package init() throws(WireError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw WireError(.unreachable, "cannot create an eventfd: \(reason())") }
        descriptor = StandardDescriptors.avoid(number)
    }

    deinit { close(descriptor) }

    /// It can be read from now on.
    package func set() {
        var one: UInt64 = 1
        // It fails where it can be read already.
        _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
    }

    /// It can't be read any more.
    package func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout.size(ofValue: count))
    }

    /// Waits until it can be read; false after `timeout`.
    func wait(_ timeout: Duration) -> Bool { Deadline(after: timeout).poll(descriptor, for: POLLIN) }
}
