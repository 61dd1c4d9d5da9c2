import Glibc
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
}
