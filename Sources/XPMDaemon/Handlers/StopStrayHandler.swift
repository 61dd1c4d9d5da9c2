import Glibc
import NIOCore
import XPMControl
import XPMKeeping
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func stopStray(_ request: StopStray, _ responder: Responder) throws(WireError) {
        let stray = try stray(request.stray)
        let grace = try Duration.seconds(request.graceSeconds ?? StopPolicy.defaultGraceSeconds, of: "the grace")
        guard keeper.isConnected else {
            throw WireError(.keeperUnavailable, "cannot stop stray \(request.stray): xpm-keeper is not running")
        }
        let wait = try waits.begin(responder)
        let attempt = AttemptID(rawValue: request.stray)
        let stop = stray.stopping ?? StrayStop()
        stop.waiters.append((responder, wait))
        strays[attempt]?.stopping = stop
        stop.timer?.cancel()
        stop.timer = after(grace) { [self] in kill(attempt) }
        signalToEnd(stray)
    }

    /// SIGTERM to every process of it, those that are stopped (state T) included.
    func signalToEnd(_ stray: Stray) {
        keeper.send(.deliver(attempt: stray.report.attempt, signal: SIGTERM, to: .tree, resumes: true))
    }

    private func kill(_ attempt: AttemptID) {
        guard let stop = strays[attempt]?.stopping else { return }
        keeper.send(.kill(attempt: attempt.rawValue))
        stop.timer = after(Self.killPatience) { [self] in
            strays[attempt]?.stopping = nil
            stop.finish(
                WireError(
                    .timedOut,
                    "cannot stop stray \(attempt.rawValue): it still has processes after SIGKILL; they are stuck in the kernel"
                ))
        }
    }

    private func after(_ time: Duration, _ body: @escaping () -> Void) -> Scheduled<Void> {
        loop.assumeIsolated().scheduleTask(in: TimeAmount(time), body)
    }
}
