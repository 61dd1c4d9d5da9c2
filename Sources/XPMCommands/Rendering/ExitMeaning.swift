import XPMProtocol

/// What an exit usually means, in the words of those who have seen it before.
enum ExitMeaning {
    static func of(_ exit: ExitReport) -> String? {
        // Where it was killed by its limit, or it says why xpmd ended it, the exit's own words are enough.
        if exit.outOfMemory == true { return nil }
        if let reason = exit.by { return exit.signal != nil && reason.isTold ? nil : meaning(of: reason) }
        if let signal = exit.signal { return meaning(ofSignal: signal) }
        guard let code = exit.code else { return "xpmd was not running when it ended; its log may show why" }
        switch code {
        case 0: return "it finished successfully"
        case 1: return "a general error: see its log"
        case 2: return "often a command line that is not valid"
        case 126: return "a shell could not execute the command"
        case 127: return "a shell did not find the command"
        case 129...192:
            let name = SignalName.text(code - 128)
            return "a shell reports that the command was killed by \(name)"
                + (meaning(ofSignal: name).map { ": \($0)" } ?? "")
        case 255: return "often an unspecified error"
        default: return nil
        }
    }

    private static func meaning(of reason: EndReason) -> String {
        switch reason {
        case .stop: "xpmd was asked to stop it"
        case .restart: "xpmd was asked to restart it"
        case .runEnd: "xpmd stopped it because its run ended"
        case .shutdown: "xpmd stopped it because xpmd itself was stopped"
        case .idle: "xpmd stopped it because it was idle"
        case .dependency: "xpmd stopped it before a service that it depends on"
        case .readiness: "xpmd stopped it because it was not ready in time"
        case .watchdog: "xpmd stopped it because no WATCHDOG=1 came in time"
        case .health: "xpmd stopped it because its health checks failed"
        case .grace: "xpmd killed it because it did not stop within its grace period"
        case .force: "xpmd was asked to kill it at once"
        case .signal: "xpmd was asked to send it this signal"
        case .other: "xpmd ended it"
        }
    }

    private static func meaning(ofSignal signal: String) -> String? {
        switch signal {
        case "SIGKILL": "xpmd did not send it: the kernel ran out of memory, or someone killed it"
        case "SIGTERM": "xpmd did not send it: someone else ended it"
        case "SIGINT": "interrupted, as by Ctrl-C"
        case "SIGHUP": "its terminal or session was closed"
        case "SIGSEGV", "SIGBUS": "it crashed: invalid memory access"
        case "SIGILL": "it crashed: illegal instruction, such as a failed check or a binary for another processor"
        case "SIGABRT": "it aborted: a failed assertion, or corrupt memory"
        case "SIGFPE": "it crashed: arithmetic error, such as a division by zero"
        case "SIGPIPE": "it wrote to a pipe or socket that was closed"
        case "SIGXCPU": "it reached its CPU time limit"
        case "SIGXFSZ": "it exceeded its file size limit"
        case "SIGSYS": "it made a system call that a sandbox forbids"
        default: nil
        }
    }
}

extension EndReason {
    /// Whether the words of an exit by a signal say it.
    fileprivate var isTold: Bool {
        switch self {
        case .readiness, .watchdog, .health, .grace, .force, .signal: true
        case .stop, .restart, .runEnd, .shutdown, .idle, .dependency, .other: false
        }
    }
}
