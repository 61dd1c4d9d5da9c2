/// What is there by a path, for the rules about whose folders xpmd may use.
public struct FileFacts: Hashable, Sendable {
    public var owner: UInt32
    public var isWritable: Bool
    public var isFolder: Bool

    /// Something of `owner`'s, which this process may write to or not.
    public init(owner: UInt32, isWritable: Bool, isFolder: Bool = true) {
        self.owner = owner
        self.isWritable = isWritable
        self.isFolder = isFolder
    }
}

extension Places {
    /// The files in the state folder that a daemon or its starter cannot do without.
    private static let stateFiles = ["xpmd.sqlite", "xpmd.sqlite-wal", "xpmd.lock", "xpmd.log"]

    /// Refuses, as `unreachable`, a state folder that is another user's, or that root would make in another user's home, who
    /// then could not use it. `facts` tells what is at a path, nil where there is nothing. The error's `data` has the path
    /// and its owner.
    public func checkState(user: UInt32, facts: (String) -> FileFacts?) throws(WireError) {
        let folder = try stateFolder
        if let found = facts(folder) {
            guard found.owner == user else { throw Self.foreign(folder, found.owner, "use") }
            for name in Self.stateFiles {
                guard let file = facts("\(folder)/\(name)"), file.owner != user else { continue }
                throw Self.foreign("\(folder)/\(name)", file.owner, "use")
            }
            return
        }
        var above = folder
        while let slash = above.lastIndex(of: "/"), above.count > 1 {
            above = slash == above.startIndex ? "/" : String(above[..<slash])
            guard let found = facts(above) else { continue }
            if user == 0 ? found.owner != 0 && !isStateFolderChosen : !found.isWritable && found.owner != user {
                throw Self.foreign(above, found.owner, "make \(Name.quoted(folder)) in")
            }
            return
        }
    }

    private static func foreign(_ path: String, _ owner: UInt32, _ verb: String) -> WireError {
        WireError(
            .unreachable,
            "cannot \(verb) \(Name.quoted(path)): it belongs to user \(owner == 0 ? "root" : String(owner))",
            data: ["path": .string(path), "owner": .integer(Int64(owner))])
    }
}
