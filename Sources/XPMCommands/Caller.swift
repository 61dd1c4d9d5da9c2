import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

/// Who calls, and from where.
enum Caller {
    static var user: UInt32 { getuid() }

    /// The verb that the caller has typed.
    static var verb: String { verbPlace.map { CommandLine.arguments[$0] } ?? "VERB" }

    /// Where it stands; before it there may be options, and their values.
    private static var verbPlace: Int? {
        let verbs = Set(Xpmctl.configuration.subcommands.compactMap { $0.configuration.commandName })
        return CommandLine.arguments.dropFirst().firstIndex { verbs.contains($0) }
    }

    /// The folder that the caller is in. Ends the program where it was removed: nothing that is meant there can be meant elsewhere.
    static var folder: String {
        guard let text = getcwd(nil, 0) else {
            do {
                return try CurrentFolder.path
            } catch {
                Failure.report(error)
                Glibc.exit(error.code.exitCode)
            }
        }
        defer { free(text) }
        guard let path = String(validatingCString: text) else {
            // Whatever a path is made from would be another one.
            let cause = "cannot use the current folder \(ArgumentBytes.escaped(text)): its path is not UTF-8"
            Failure.report(WireError(.invalidParameters, cause))
            Glibc.exit(ErrorCode.invalidParameters.exitCode)
        }
        return path
    }

    /// The same to tell names of services apart by, which can be asked for from anywhere: no service belongs to a folder that was
    /// removed, or whose path is not UTF-8.
    static var nearestFolder: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(validatingCString: text) ?? "/"
    }

    /// What a path is seen from where it matters.
    private static func base(of path: String) -> String {
        path.hasPrefix("/") || path.hasPrefix("~") ? "/" : folder
    }

    /// The caller's home folder by its paths, with and without symbolic links.
    static var homes: [String] { homes(ProcessEnvironment.current["HOME"]) }

    static func homes(_ home: String?) -> [String] {
        guard let home, home.hasPrefix("/") else { return [] }
        return Array(Set([absolute(home), workspace(home)]))
    }

    /// The caller's command line once more, with `option` behind its verb.
    static func command(with option: String) -> String {
        var words = ["xpmctl"] + CommandLine.arguments.dropFirst()
        let place = verbPlace.map { $0 + 1 } ?? words.endIndex
        if !words.contains(option) { words.insert(option, at: place) }
        return words.map(ShellWord.quoted).joined(separator: " ")
    }

    /// A path as the caller has written it, made absolute: `~` is a home folder, an address such as `gs://bucket/runs` stays as it is.
    static func written(_ path: String, from folder: String? = nil) -> String {
        WrittenPath.absolute(path, in: folder ?? base(of: path)) { name in
            if name.isEmpty, let home = ProcessEnvironment.current["HOME"], !home.isEmpty { return home }
            let user = name.isEmpty ? getpwuid(getuid()) : getpwnam(name)
            return user?.pointee.pw_dir.flatMap { String(validatingCString: $0) }
        }
    }

    /// A path that begins with a home folder, made absolute; any other as it is.
    static func atHome(_ path: String) -> String { path.hasPrefix("~") ? written(path) : path }

    /// A path as seen from the caller's folder, made absolute. What `..` means is known only where it stands: behind a symbolic link
    /// it leads elsewhere than the words say.
    static func absolute(_ path: String, from folder: String? = nil) -> String {
        var joined = written(path, from: folder)
        let components = joined.split(separator: "/")
        if let last = components.lastIndex(of: ".."),
            case let folder = "/" + components[...last].joined(separator: "/"),
            let text = PathLook.at(folder, { realpath(folder, nil) })
        {
            defer { free(text) }
            if let real = String(validatingCString: text) {
                joined = ([real] + components[(last + 1)...].map(String.init)).joined(separator: "/")
            }
        }
        // Joined paths begin with a slash; only a zero byte, which no argument can hold, could be refused.
        return (try? WorkspacePath.normalized(joined)) ?? joined
    }

    /// A workspace as seen from the caller's folder, by the path that it has for one who goes into it: without symbolic links.
    /// One that is not there is made absolute only.
    static func workspace(_ path: String, from folder: String? = nil) -> String {
        // Resolved before it is normalised: what `..` means is known behind a link only.
        let written = written(path, from: folder)
        guard let text = PathLook.at(written, { realpath(written, nil) }) else {
            return absolute(path, from: folder)
        }
        defer { free(text) }
        return String(validatingCString: text) ?? absolute(path, from: folder)
    }
}
