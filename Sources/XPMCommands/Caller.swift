import Glibc
import XPMClient
import XPMProtocol

/// Who calls, and from where.
enum Caller {
    static var user: UInt32 { getuid() }

    /// The folder that the caller is in: `folderNotFound` where it was removed, which no service can run in.
    static var folder: String { get throws(WireError) { try CurrentFolder.path } }

    /// The same to tell names apart by: from a folder that was removed the names of all services mean what they mean in `/`.
    static var nearestFolder: String { (try? folder) ?? "/" }

    /// A path as seen from the caller's folder, made absolute.
    static func absolute(_ path: String) throws(WireError) -> String {
        path.hasPrefix("/") ? absolute(path, from: "/") : absolute(path, from: try folder)
    }

    /// A path as seen from `folder`, made absolute.
    static func absolute(_ path: String, from folder: String) -> String {
        let joined = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        // Joined paths begin with a slash; only a zero byte, which no argument can hold, could be refused.
        return (try? WorkspacePath.normalized(joined)) ?? joined
    }

    /// A workspace as seen from the caller's folder, by the path that it has for one who goes into it: without symbolic links.
    /// One that is not there is made absolute only.
    static func workspace(_ path: String) throws(WireError) -> String {
        path.hasPrefix("/") ? workspace(path, from: "/") : workspace(path, from: try folder)
    }

    /// The same as seen from `folder`.
    static func workspace(_ path: String, from folder: String) -> String {
        // Resolved before it is normalised: what `..` means is known behind a link only.
        guard let text = realpath(path.hasPrefix("/") ? path : "\(folder)/\(path)", nil) else {
            return absolute(path, from: folder)
        }
        defer { free(text) }
        return String(cString: text)
    }
}
