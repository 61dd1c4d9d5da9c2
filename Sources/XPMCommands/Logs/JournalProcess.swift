import Glibc
import Synchronization
import XPMClient
import XPMProtocol

/// A journalctl that follows, which other threads may end.
final class JournalProcess: Sendable {
    private struct State {
        var process: pid_t?
        var isEnded = false
        var service: ServiceRecord?
    }

    private let state = Mutex(State())

    /// Whether its end is somebody's will.
    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// The service whose end ended it.
    var service: ServiceRecord? { state.withLock { $0.service } }

    func began(_ process: pid_t) {
        state.withLock { state in
            state.process = process
            if state.isEnded { kill(process, SIGTERM) }
        }
    }

    /// Ends it, now or as soon as it begins; because `service` has ended, where that is why.
    func end(with service: ServiceRecord? = nil) {
        state.withLock { state in
            (state.isEnded, state.service) = (true, service)
            if let process = state.process { kill(process, SIGTERM) }
        }
    }

    /// Waits for its end: the exit code.
    func wait() -> Int32 {
        guard let process = state.withLock({ $0.process }) else { return 0 }
        // Its number is nobody else's before it is reaped.
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        return state.withLock { state in
            state.process = nil
            return Spawn.wait(for: process)
        }
    }
}
