import Synchronization
import XPMProtocol

/// One attempt at running a hosted service: by this it says how it goes.
public final class HostedRun: Sendable {
    private struct State {
        var isReady = false
        var url: String?
        var status: String?
        var task: Task<Void, Never>?
        /// How it ended: nil while it runs, `.some(nil)` for well.
        var end: String??
    }

    /// The attempt's number.
    public let attempt: UInt64
    private let state = Mutex(State())
    private let say: @Sendable (HostedRun) -> Void

    /// `say` is called after each change of `words`.
    init(attempt: UInt64, say: @escaping @Sendable (HostedRun) -> Void) {
        self.attempt = attempt
        self.say = say
    }

    /// Says that it is ready, and where it can be opened.
    public func ready(url: String? = nil) {
        state.withLock { state in
            state.isReady = true
            state.url = url ?? state.url
        }
        say(self)
    }

    /// Says what it is doing, a line for people.
    public func status(_ text: String) {
        state.withLock { $0.status = String(text.map { $0.isNewline ? " " : $0 }) }
        say(self)
    }

    /// All that it has said, as lines of sd_notify(3).
    var words: String {
        state.withLock { state in
            [state.isReady ? "READY=1" : nil, state.url.map { "X_XPM_URL=\($0)" }, state.status.map { "STATUS=\($0)" }]
                .compactMap(\.self).joined(separator: "\n")
        }
    }

    /// How it ended: nil while it runs, else why it failed, if it did.
    var end: String?? { state.withLock { $0.end } }

    /// Runs `service`, once an attempt before has ended; `ended` is called when that is over.
    func begin(_ service: any HostedService, after earlier: HostedRun?, ended: @escaping @Sendable (HostedRun) -> Void)
    {
        // Made under the lock, so that a cancellation finds it.
        state.withLock { state in
            // Unstructured: it lives until the daemon has it ended.
            state.task = Task {
                await earlier?.over()
                var reason: String?
                do { try await service.run(self) } catch is CancellationError {} catch { reason = "\(error)" }
                self.state.withLock { $0.end = .some(reason) }
                ended(self)
            }
        }
    }

    /// Returns when it has ended.
    private func over() async { await state.withLock(\.task)?.value }

    func cancel() { state.withLock { $0.task }?.cancel() }
}
