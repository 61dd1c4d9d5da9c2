import Glibc

/// The environment of this process.
public enum ProcessEnvironment {
    /// All variables; where one is set twice the first counts, as for getenv(3).
    public static var current: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let assignment = String(cString: text)
            if let equals = assignment.firstIndex(of: "=") {
                let name = String(assignment[..<equals])
                if variables[name] == nil { variables[name] = String(assignment[assignment.index(after: equals)...]) }
            }
            entry += 1
        }
        return variables
    }

    /// The environment that a child may have: without what a supervisor told this process alone (sockets, watchdog, invocation).
    public static func inheritable(_ environment: [String: String]) -> [String: String] {
        let own: Set = [
            "INVOCATION_ID", "JOURNAL_STREAM", "MANAGERPID", "MANAGERPIDFDID", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID",
        ]
        return environment.filter { name, _ in
            !own.contains(name) && !name.hasPrefix("LISTEN_") && !name.hasPrefix("WATCHDOG_")
        }
    }

    /// The environment that a service may have: as `inheritable`, without what belongs to one shell alone or points at one xpmd.
    public static func forServices(_ environment: [String: String]) -> [String: String] {
        let shell: Set = ["_", "SHLVL", "OLDPWD", "PWD"]
        return inheritable(environment).filter { name, _ in !shell.contains(name) && !name.hasPrefix("XPMD_") }
    }
}
