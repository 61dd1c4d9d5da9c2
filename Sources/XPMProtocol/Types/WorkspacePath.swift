/// Workspace folders are compared by component, never by prefix: `/ws2` is not inside `/ws`.
public enum WorkspacePath {
    /// The absolute path without `.`, `..`, doubled or trailing slashes. Symbolic links are left alone.
    public static func normalized(_ path: String) throws(WireError) -> String {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw WireError(
                .invalidParameters, "cannot use \(Name.quoted(path)) as a workspace: it is not an absolute path")
        }
        try Limit.path.check(path.utf8.count, "workspace")
        var kept: [Substring] = []
        for component in path.split(separator: "/") where component != "." {
            if component == ".." { _ = kept.popLast() } else { kept.append(component) }
        }
        return "/" + kept.joined(separator: "/")
    }

    /// How many components `folder` lies below `workspace`: 0 for the workspace itself, nil outside it.
    public static func depth(of folder: String, below workspace: String) -> Int? {
        let inner = folder.split(separator: "/")
        let outer = workspace.split(separator: "/")
        guard inner.starts(with: outer) else { return nil }
        return inner.count - outer.count
    }

    /// Whether one who is in `folder` is in `workspace`: at it or below it. Below a home folder, and what that lies in, there are
    /// other projects: such a workspace has only who is right in it.
    public static func holds(_ workspace: String, _ folder: String, homes: [String]) -> Bool {
        guard let depth = depth(of: folder, below: workspace) else { return false }
        return depth == 0 || !homes.contains { self.depth(of: $0, below: workspace) != nil }
    }
}
