import Glibc

/// The files that a store has open, by what they are and not by their names only: what stands on a file without a name is not
/// saved.
struct DatabaseFiles: Equatable, Sendable {
    /// One file: its place on the disk, and how long it was.
    struct File: Equatable, Sendable {
        var device: UInt64
        var inode: UInt64
        var size: Int64

        /// What a path leads to now; nil for nothing.
        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
        }

        func isSame(as other: File) -> Bool { device == other.device && inode == other.inode }
    }

    static let suffixes = ["", "-wal", "-shm"]

    let database: String
    private(set) var files: [File?]

    /// As they are now.
    init(of database: String) {
        self.database = database
        files = Self.suffixes.map { File(database + $0) }
    }

    /// What has become of them since; nil where they are what they were. They only grow but by what the store itself does.
    func fault(now: DatabaseFiles) -> StoreError? {
        for (index, (before, after)) in zip(files, now.files).enumerated() {
            guard let before else { continue }
            let path = database + Self.suffixes[index]
            guard let after else {
                return .lost(path: path, cause: "it was removed or moved away while xpmd had it open")
            }
            guard after.isSame(as: before) else {
                // The names beside the database's are its own.
                return index == 0
                    ? .replaced(path: path)
                    : .lost(path: path, cause: "it was replaced while xpmd had it open")
            }
            guard after.size >= before.size else {
                return .lost(path: path, cause: "it was truncated while xpmd had it open")
            }
        }
        return nil
    }

    /// The same without how long they were.
    var withoutSizes: DatabaseFiles {
        var other = self
        for index in other.files.indices { other.files[index]?.size = 0 }
        return other
    }

    /// Whether anything of the same name is there that is none of these.
    func isReplaced(now: DatabaseFiles) -> Bool {
        guard let after = now.files[0] else { return false }
        return files[0].map { !after.isSame(as: $0) } ?? true
    }
}
