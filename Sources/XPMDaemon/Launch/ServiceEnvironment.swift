/// The environment that a service's process gets.
enum ServiceEnvironment {
    /// What must not leak from a supervisor into what it supervises: whoever has these would talk to systemd in its name.
    private static let supervisorsOwn: Set<String> = [
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "INVOCATION_ID",
        "JOURNAL_STREAM", "MAINPID", "MANAGERPID", "SYSTEMD_EXEC_PID", "SWIFT_BACKTRACE",
    ]

    /// An environment without what is the supervisor's own: an xpmd that was started from within a service is no part of it.
    static func cleaned(_ environment: [String: String]) -> [String: String] {
        environment.filter { key, _ in
            !supervisorsOwn.contains(key) && !key.hasPrefix("XPM_") && !key.hasPrefix("XPMD_")
        }
    }

    /// The environment of a service's process without what xpmd has given it.
    static func withoutNames(_ environment: [String: String]) -> [String: String] {
        environment.filter { key, _ in !supervisorsOwn.contains(key) && !key.hasPrefix("XPM_") }
    }

    /// `KEY=value` entries: what was planned, without what is the supervisor's own, and with the names of the service.
    static func entries(_ planned: [String: String], names: [String: String], marker: String) -> [String] {
        var environment = planned.filter { key, _ in !supervisorsOwn.contains(key) && key != "XPM_ATTEMPT" }
        environment.merge(names) { _, ours in ours }
        let entries = environment.map { "\($0)=\($1)" }.sorted()
        return entries + [marker]
    }
}
