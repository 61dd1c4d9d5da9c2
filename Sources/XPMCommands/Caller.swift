import Glibc
import XPMClient
import XPMProtocol

/// Who calls, and from where.
enum Caller {
    static var user: UInt32 { getuid() }

    /// The verb that the caller has typed.
    static var verb: String { CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") } ?? "VERB" }

    /// The folder that the caller is in; `/` where it was removed.
    static var folder: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }

    /// The caller's home folder by its paths, with and without symbolic links.
    static var homes: [String] { homes(ProcessEnvironment.current["HOME"]) }

    static func homes(_ home: String?) -> [String] {
        guard let home, home.hasPrefix("/") else { return [] }
        return Array(Set([absolute(home), workspace(home)]))
    }

    /// A path as seen from the caller's folder, made absolute.
    static func absolute(_ path: String, from folder: String = folder) -> String {
        let joined = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        // Joined paths begin with a slash; only a zero byte, which no argument can hold, could be refused.
        return (try? WorkspacePath.normalized(joined)) ?? joined
    }

    /// A workspace as seen from the caller's folder, by the path that it has for one who goes into it: without symbolic links.
    /// One that is not there is made absolute only.
    static func workspace(_ path: String, from folder: String = folder) -> String {
        // Resolved before it is normalised: what `..` means is known behind a link only.
        guard let text = realpath(path.hasPrefix("/") ? path : "\(folder)/\(path)", nil) else {
            return absolute(path, from: folder)
        }
        defer { free(text) }
        return String(cString: text)
    }
}
