import Glibc
import XPMProtocol

/// A signal by its name.
struct StopSignal: Hashable {
    var name: String
    var number: Int32

    static let terminate = StopSignal(name: "SIGTERM", number: SIGTERM)

    private static let known: [(String, Int32)] = [
        ("SIGHUP", SIGHUP), ("SIGINT", SIGINT), ("SIGQUIT", SIGQUIT), ("SIGILL", SIGILL), ("SIGTRAP", SIGTRAP),
        ("SIGABRT", SIGABRT), ("SIGBUS", SIGBUS), ("SIGFPE", SIGFPE), ("SIGKILL", SIGKILL), ("SIGUSR1", SIGUSR1),
        ("SIGSEGV", SIGSEGV), ("SIGUSR2", SIGUSR2), ("SIGPIPE", SIGPIPE), ("SIGALRM", SIGALRM), ("SIGTERM", SIGTERM),
        ("SIGSTKFLT", 16), ("SIGCHLD", SIGCHLD), ("SIGCONT", SIGCONT), ("SIGSTOP", SIGSTOP), ("SIGTSTP", SIGTSTP),
        ("SIGTTIN", SIGTTIN), ("SIGTTOU", SIGTTOU), ("SIGURG", SIGURG), ("SIGXCPU", SIGXCPU), ("SIGXFSZ", SIGXFSZ),
        ("SIGVTALRM", SIGVTALRM), ("SIGPROF", SIGPROF), ("SIGWINCH", SIGWINCH), ("SIGIO", 29), ("SIGPWR", 30),
        ("SIGSYS", SIGSYS),
    ]
    // By SIGWINCH some web servers end gracefully.
    private static let ending: Set<String> = [
        "SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM", "SIGWINCH",
    ]

    private init(name: String, number: Int32) {
        self.name = name
        self.number = number
    }

    /// The signal that a definition names, `SIGINT` or `INT`; only those that end a process are accepted.
    init(named name: String) throws(WireError) {
        let full = name.hasPrefix("SIG") ? name : "SIG\(name)"
        guard Self.ending.contains(full), let number = Self.known.first(where: { $0.0 == full })?.1 else {
            throw WireError(
                .invalidParameters,
                "cannot stop a service by \(Name.quoted(name)): use one of \(Self.ending.sorted().joined(separator: ", "))"
            )
        }
        self.init(name: full, number: number)
    }

    /// The name of any signal; `signal 42` for those without.
    static func name(of number: Int32) -> String {
        known.first { $0.1 == number }?.0 ?? "signal \(number)"
    }
}
