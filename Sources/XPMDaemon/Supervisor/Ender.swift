import Glibc
import XPMProtocol
import XPMSupervision

/// What xpmd has done to end a process, by which its end is not laid at the door of others.
struct Ender: Codable, Hashable {
    var reason: EndReason
    var signal: Int32

    /// Whether an end is what this has brought: by its signal, or by an exit for it.
    func explains(_ status: XPMSupervision.ExitStatus) -> Bool {
        switch status {
        case .signal(let number): number == signal
        // Who is told to end may exit with any code; who gets a signal for another purpose answers for its exit alone.
        case .code(let code): reason != .signal || code == signal.clampedSum(128)
        case .unknown: false
        }
    }
}

extension ServiceEntry {
    /// Notes why xpmd ends the process of the attempt; called when the machine has decided, before its phase is taken over.
    func noteEnder(_ event: MachineEvent, because reason: EndReason?) {
        guard case .stopping(_, let step, _, _) = machine.phase else { return }
        if case .stopping(_, step, _, _) = runtime.phase { return }
        let found: EndReason? =
            switch event {
            case .stop: reason ?? .stop
            case .restart: reason ?? .restart
            case .timeUp(.readiness, _): .readiness
            case .timeUp(.grace, _): .grace
            case .failed(_, .silent): .watchdog
            case .failed: .health
            case .force: .force
            default: nil
            }
        guard let found else { return }
        runtime.ender = Ender(reason: found, signal: step == .killing ? SIGKILL : plan.stopSignal.number)
    }

    /// Why xpmd ended the process whose end has just become known; called before the machine decides.
    func reason(for status: XPMSupervision.ExitStatus) -> EndReason? {
        guard let ender = runtime.ender, ender.explains(status) else { return nil }
        switch machine.phase {
        case .stopping(_, .terminating, _, _), .stopping(_, .killing, _, _): return ender.reason
        // Nothing but a signal that somebody asked for has reached it.
        case .idle, .retrying, .starting, .running, .stopping: return ender.reason == .signal ? .signal : nil
        }
    }
}
