import Glibc
import XPMClient
import XPMProtocol

/// Who calls, and from where.
enum Caller {
    static var user: UInt32 { getuid() }

    /// The folder that the caller is in; `/` where it was removed.
    static var folder: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }

    /// A path as seen from the caller's folder, made absolute.
    static func absolute(_ path: String, from folder: String = folder) -> String {
        let joined = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        // Joined paths begin with a slash; only a zero byte, which no argument can hold, could be refused.
        return (try? WorkspacePath.normalized(joined)) ?? joined
    }

    /// The environment that a service gets: the caller's, without what belongs to the caller's shell or supervisor alone.
    static func serviceEnvironment(_ environment: [String: String] = ProcessEnvironment.current) -> [String: String] {
        let shell: Set = ["_", "SHLVL", "OLDPWD", "PWD"]
        return ProcessEnvironment.inheritable(environment).filter { name, _ in
            !shell.contains(name) && !name.hasPrefix("XPMD_")
        }
    }
}
