import Glibc

/// The environment of this process.
public enum ProcessEnvironment {
    /// All variables that are text; where one is set twice the first counts, as for getenv(3).
    public static var current: [String: String] { read.variables }

    /// The names of those that no text can carry, with what is not UTF-8 replaced; an empty one for an entry without a
    /// name, all of an entry without `=`.
    public static var unreadable: [String] { read.unreadable }

    private static var read: (variables: [String: String], unreadable: [String]) {
        var (variables, unreadable): ([String: String], [String]) = ([:], [])
        var entry = environ
        while let text = entry.pointee {
            entry += 1
            guard let equals = strchr(text, Int32(UInt8(ascii: "="))) else {
                unreadable.append(String(cString: text))
                continue
            }
            let isNamed = equals != text
            if isNamed, let assignment = String(validatingCString: text),
                let value = String(validatingCString: equals + 1)
            {
                let name = String(assignment.utf8.prefix(equals - text)) ?? ""
                if variables[name] == nil { variables[name] = value }
            } else {
                let name = UnsafeRawBufferPointer(start: text, count: equals - text)
                unreadable.append(String(decoding: name, as: UTF8.self))
            }
        }
        return (variables, unreadable)
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
