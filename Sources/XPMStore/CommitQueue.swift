/// A transaction asked for and who to tell of its outcome.
struct Commit: Sendable {
    let changes: [Change]
    /// All that the store is to hold before the changes, where its files are to be written anew.
    var contents: Contents?
    let done: @Sendable (Result<Void, StoreError>) -> Void
}

/// Commits that wait for the disk, in the order of the calls.
struct CommitQueue: Sendable {
    /// Beyond this many changes a group takes no further commit, so that the first `done` of a flood is not kept for its last.
    static let groupLimit = 4096

    var isClosed = false
    private var waiting: [Commit] = []
    private var isDraining = false

    /// Appends a commit; true if somebody must now begin to drain the queue.
    mutating func add(_ commit: Commit) -> Bool {
        waiting.append(commit)
        defer { isDraining = true }
        return !isDraining
    }

    /// Takes the commits for the next transaction; nil ends the draining.
    mutating func next() -> [Commit]? {
        guard !waiting.isEmpty else {
            isDraining = false
            return nil
        }
        var changes = 0
        // What writes everything anew is a group of its own.
        if waiting[0].contents != nil { return [waiting.removeFirst()] }
        let group = waiting.prefix { commit in
            guard commit.contents == nil else { return false }
            defer { changes += commit.changes.count }
            return changes == 0 || changes + commit.changes.count <= Self.groupLimit
        }
        waiting.removeFirst(group.count)
        return Array(group)
    }
}
