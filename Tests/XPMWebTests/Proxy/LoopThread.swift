import Glibc

/// A thread of its own for something that blocks: a loop, or one end of a conversation.
final class LoopThread: Sendable {
    private let thread: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    init(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run)).toOpaque()
        let code = pthread_create(
            &thread, nil,
            {
                if let body = $0 { Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run() }
                return nil
            }, body)
        precondition(code == 0, "cannot make a thread")
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}
