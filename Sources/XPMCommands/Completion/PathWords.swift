import Glibc
import XPMClient

/// The paths that may be meant by one that is being typed.
enum PathWords {
    /// How many are offered; nobody reads more.
    static let most = 1000

    /// Files and folders that begin with `typed`, as seen from the current folder. A folder is offered with a slash as well, so that a
    /// shell does not take it for complete. With `executable` only what can be run, and folders.
    static func beginning(with typed: String, executable: Bool = false) -> [String] {
        let home = typed.hasPrefix("~/") ? ProcessEnvironment.current["HOME"] : nil
        let path = home.map { $0 + typed.dropFirst() } ?? typed
        var found = glob_t()
        defer { globfree(&found) }
        let literal = path.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        guard PathLook.at(path, { glob(literal + "*", GLOB_MARK, nil, &found) }) == 0, let paths = found.gl_pathv else {
            return []
        }
        return (0..<min(Int(found.gl_pathc), most)).flatMap { index -> [String] in
            guard var path = paths[index].flatMap({ String(validatingCString: $0) }) else { return [] }
            if executable, !path.hasSuffix("/"), PathLook.at(path, { access(path, X_OK) }) != 0 { return [] }
            if let home { path = "~" + path.dropFirst(home.count) }
            return path.hasSuffix("/") ? [String(path.dropLast()), path] : [path]
        }
    }
}
