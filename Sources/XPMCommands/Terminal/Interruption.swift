import Glibc
import XPMClient

/// What a signal to end says and does while a command waits for something that goes on without it.
enum Interruption {
    /// Read by the signal handler, which may neither allocate nor lock; written once before the handler is there.
    nonisolated(unsafe) private static var message: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)

    /// From now on Ctrl-C prints `text` and ends the process: exit code 130.
    static func say(_ text: String) {
        let bytes = Array("\n\(Sanitizer.line(text))\n".utf8)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        // The earlier text is not freed: the handler may be reading it.
        message = buffer
        signal(SIGINT) { _ in
            _ = Glibc.write(STDERR_FILENO, Interruption.message.baseAddress, Interruption.message.count)
            _exit(130)
        }
    }

    /// From now on a signal that ends the process does so as ever, but after `last`. To be called before other threads are made.
    static func atSignals(_ last: @escaping @Sendable () -> Void) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        // Blocked in all threads, for all are made after this.
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let awaited = signals
        Thread.start {
            var awaited = awaited
            var number: Int32 = 0
            guard sigwait(&awaited, &number) == 0 else { return }
            last()
            signal(number, SIG_DFL)
            kill(getpid(), number)
            pthread_sigmask(SIG_UNBLOCK, &awaited, nil)
        }
    }
}
