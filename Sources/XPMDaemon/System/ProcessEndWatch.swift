import CLinux
import Glibc
import NIOCore
import NIOPosix

/// Calls back on the event loop when a process that is nobody's child here has ended.
///
/// A thread of its own waits for that: NIO reads what it waits for, and a pidfd cannot be read.
final class ProcessEndWatch {
    private var onEnd: (() -> Void)?
    /// Closed to let the thread go.
    private var leash: CInt

    /// Nil where the process has ended. Throws where the kernel watches no processes, or has no descriptors left.
    init?(_ process: ProcessIdentity, loop: any EventLoop, onEnd: @escaping () -> Void) throws {
        let handle = xpm_pidfd_open(process.pid)
        guard handle >= 0 else {
            if errno == ESRCH { return nil }
            throw IOError(errnoCode: errno, reason: "pidfd_open")
        }
        // Opened before it is compared, so that what was compared is what is watched.
        guard process.isAlive else {
            close(handle)
            return nil
        }
        var pair: [CInt] = [-1, -1]
        guard pipe(&pair) == 0 else {
            let error = IOError(errnoCode: errno, reason: "pipe")
            close(handle)
            throw error
        }
        for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // The other end is told when this one is closed.
        leash = pair[1]
        self.onEnd = onEnd
        let slip = pair[0]
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        thread.runIfActive(eventLoop: loop) {
            var watched = [
                pollfd(fd: handle, events: Int16(POLLIN), revents: 0), pollfd(fd: slip, events: 0, revents: 0),
            ]
            while poll(&watched, 2, -1) < 0 && errno == EINTR {}
        }
        .assumeIsolated()
        .whenComplete { [self] _ in
            close(handle)
            close(slip)
            thread.shutdownGracefully { _ in }
            let onEnd = self.onEnd
            cancel()
            onEnd?()
        }
    }

    /// Nobody is told any more.
    func cancel() {
        onEnd = nil
        if leash >= 0 { close(leash) }
        leash = -1
    }
}
