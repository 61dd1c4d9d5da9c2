import Glibc

/// The paths that may be meant by one that is being typed.
enum PathWords {
    /// How many are offered; nobody reads more.
    private static let most = 1000

    /// Files and folders that begin with `typed`, as seen from the current folder. A folder is offered with a slash as well, so that a
    /// shell does not take it for complete.
    static func beginning(with typed: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        let literal = typed.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        guard glob(literal + "*", GLOB_MARK, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<min(Int(found.gl_pathc), most)).flatMap { index -> [String] in
            guard let path = paths[index].flatMap({ String(validatingCString: $0) }) else { return [] }
            return path.hasSuffix("/") ? [String(path.dropLast()), path] : [path]
        }
    }
}
