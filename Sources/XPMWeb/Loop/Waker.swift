import CLinux
import Glibc

/// Wakes the loop from another thread: what it is made with is called on the loop, once for any number of wakes in between.
///
/// It is watched until the loop is gone or `Waker.unregister` is called on the loop.
final class Waker: Sendable {
    private let descriptor: Int32

    init(on loop: EventLoop, _ woken: @escaping () -> Void) throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("make an eventfd") }
        let number = descriptor
        try loop.register(number, for: .readable) { _ in
            var count: UInt64 = 0
            _ = read(number, &count, 8)
            woken()
        }
    }

    deinit { close(descriptor) }

    /// From any thread.
    func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Ends it; on the loop.
    func unregister(from loop: EventLoop) { loop.unregister(descriptor) }
}
