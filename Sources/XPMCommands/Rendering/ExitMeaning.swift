import XPMProtocol

/// What an exit usually means, in the words of those who have seen it before.
enum ExitMeaning {
    static func of(_ exit: ExitReport) -> String? {
        if exit.outOfMemory == true { return "the kernel killed it as it wanted more than it may have" }
        if let reason = exit.by { return meaning(of: reason) }
        if let signal = exit.signal { return meaning(ofSignal: signal) }
        guard let code = exit.code else { return "xpmd was not there to see it; the log may tell" }
        switch code {
        case 0: return "it ended by itself, without complaint"
        case 1: return "a general failure: its log should say which"
        case 2: return "often a command line that the program did not understand"
        case 126: return "a shell found the command, but could not execute it"
        case 127: return "a shell did not find the command"
        case 129...192:
            let name = SignalName.text(code - 128)
            return "a shell reports so that the command was killed by \(name)"
                + (meaning(ofSignal: name).map { ": \($0)" } ?? "")
        case 255: return "often a failure that the program did not classify"
        default: return nil
        }
    }

    private static func meaning(of reason: EndReason) -> String {
        switch reason {
        case .stop: "xpmd was asked to stop it"
        case .restart: "xpmd was asked to restart it"
        case .runEnd: "xpmd stopped it, as its run had ended"
        case .shutdown: "xpmd stopped it, as xpmd was stopped itself"
        case .dependency: "xpmd stopped it before a service that it depends on"
        case .readiness: "xpmd stopped it, as it was not ready in time"
        case .watchdog: "xpmd stopped it, as it did not say in time that it is alive"
        case .health: "xpmd stopped it, as its health checks failed"
        case .grace: "xpmd killed it, as it did not end within its grace"
        case .force: "xpmd was asked to kill it at once"
        case .signal: "xpmd was asked to send it this signal"
        case .other: "xpmd ended it"
        }
    }

    private static func meaning(ofSignal signal: String) -> String? {
        switch signal {
        case "SIGKILL": "xpmd did not send it: the kernel, short of memory, or somebody by hand"
        case "SIGTERM": "xpmd did not send it: somebody else asked it to end"
        case "SIGINT": "interrupted, as by Ctrl-C"
        case "SIGHUP": "its terminal or session was closed"
        case "SIGSEGV", "SIGBUS": "it crashed on a memory access"
        case "SIGILL": "it crashed on an instruction: a trap of its own, or a binary for another processor"
        case "SIGABRT": "it gave up by itself: an assertion, or memory found corrupt"
        case "SIGFPE": "it crashed on arithmetic, such as a division by zero"
        case "SIGPIPE": "it wrote to something that nobody reads any more"
        case "SIGXCPU": "it used up its limit of processor time"
        case "SIGXFSZ": "it passed its limit of file size"
        case "SIGSYS": "it made a system call that a sandbox forbids"
        default: nil
        }
    }
}
