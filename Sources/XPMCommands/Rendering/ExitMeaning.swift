import XPMProtocol

/// What an exit usually means, in the words of those who have seen it before.
enum ExitMeaning {
    static func of(_ exit: ExitReport) -> String? {
        if exit.outOfMemory == true { return "the kernel killed it as it wanted more than it may have" }
        if let signal = exit.signal { return meaning(ofSignal: signal) }
        guard let code = exit.code else { return "xpmd was not there to see it; the log may tell" }
        switch code {
        case 0: return "it ended by itself, without complaint"
        case 1: return "a general failure: its log should say which"
        case 2: return "often a command line that the program did not understand"
        case 126: return "a shell found the command, but could not execute it"
        case 127: return "a shell did not find the command"
        case 129...192:
            let name = signals[code - 128]
            return "a shell reports so that the command was killed by "
                + (name.map { "\($0): \(meaning(ofSignal: $0) ?? "")" } ?? "signal \(code - 128)")
        case 255: return "often a failure that the program did not classify"
        default: return nil
        }
    }

    /// Linux's numbers on every architecture that Swift runs on, of the signals that end services.
    private static let signals: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
        11: "SIGSEGV",
        13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]

    private static func meaning(ofSignal signal: String) -> String? {
        switch signal {
        case "SIGKILL": "killed: by the out-of-memory killer, or by hand"
        case "SIGTERM": "somebody asked it to end"
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
