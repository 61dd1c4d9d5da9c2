import Synchronization

/// One blocking call on behalf of a task: the task waits without a thread, and stops waiting the moment it is cancelled.
final class Job<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var interrupt: (@Sendable () -> Void)?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Waits for the job that `start` puts on a thread; `CancellationError` at once when the task is cancelled.
    func value(start: @Sendable (Job) -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if !state.isCancelled { state.continuation = continuation }
                    return state.isCancelled
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) } else { start(self) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Called on the thread before the blocking part, which `interrupt` ends; false where nobody waits any more.
    func begin(interrupt: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            state.interrupt = interrupt
            return !state.isCancelled
        }
    }

    /// Whether nobody waits for the value any more.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Called on the thread at the end.
    func finish(_ result: Result<Value, any Error>) {
        take().continuation?.resume(with: result)
    }

    private func cancel() {
        state.withLock { $0.isCancelled = true }
        let (continuation, interrupt) = take()
        interrupt?()
        continuation?.resume(throwing: CancellationError())
    }

    /// Whoever takes the continuation resumes it, once.
    private func take() -> (continuation: CheckedContinuation<Value, any Error>?, interrupt: (@Sendable () -> Void)?) {
        state.withLock { state in
            defer { (state.continuation, state.interrupt) = (nil, nil) }
            return (state.continuation, state.interrupt)
        }
    }
}
