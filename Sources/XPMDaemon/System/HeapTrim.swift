import CLinux
import NIOCore

/// Gives memory that a burst of work has left free back to the system.
///
/// A thousand starts leave 4 MB of free pieces between what stays, more than is in use; the allocator returns them only when told to.
final class HeapTrim {
    /// Longer than the pauses within a burst, so that it happens once, behind it.
    private static let delay = TimeAmount.seconds(3)

    private let loop: any EventLoop
    private var scheduled: Scheduled<Void>?

    init(loop: any EventLoop) { self.loop = loop }

    /// Trims some time from now, unless that is arranged already. A daemon that does nothing does not wake up for it either.
    func afterwards() {
        guard scheduled == nil else { return }
        scheduled = loop.assumeIsolated().scheduleTask(in: Self.delay) { [self] in
            scheduled = nil
            malloc_trim(0)
        }
    }
}
