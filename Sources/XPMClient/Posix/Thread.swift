import Glibc

/// A detached thread for calls that block, so that the cooperative pool never does.
package enum Thread {
    /// Those that a thread brings upon itself, and SIGPIPE, by which who writes for nobody ends.
    private static let ownSignals = [SIGPIPE, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]

    /// Runs `body` on a thread of its own, which gets no signals from outside: these are for the threads that the program has decided
    /// on, and one that knows nothing of them would end the process. Traps where the system has no thread left, as Swift's own pool does.
    package static func start(_ body: @escaping @Sendable () -> Void) {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var (outer, before) = (sigset_t(), sigset_t())
        sigfillset(&outer)
        for number in ownSignals { sigdelset(&outer, number) }
        // A thread begins with the mask of the one that makes it.
        pthread_sigmask(SIG_BLOCK, &outer, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        let result = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        precondition(result == 0, "cannot start a thread: \(reason(result))")
    }

    /// Lets time pass on this thread, which is one that may block.
    package static func pause(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var rest = timespec()
        while nanosleep(&left, &rest) != 0 && errno == EINTR { left = rest }
    }
}
