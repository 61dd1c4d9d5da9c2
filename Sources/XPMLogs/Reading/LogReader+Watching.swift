import Glibc

extension LogReader {
    /// What to watch, to learn of what is new: the data, which is written after its records, and the folders, where files are renamed
    /// and made. Links are resolved.
    public var watched: (files: [String], folders: [String]) {
        var (files, folders): ([String], [String]) = ([], [])
        for path in streamPaths {
            let path = (try? LogPath.resolve(path)) ?? path
            files.append(path)
            let folder = LogName.split(path).folder
            if !folders.contains(folder) { folders.append(folder) }
        }
        return (files, folders)
    }

    /// Whether the files look other than when the page of that cursor was made, so that a page may have something new; for after a page
    /// without `more`. Opens and reads nothing. Often true for a change that brings no line; never false for one that does, as long as nobody keeps a file's length and
    /// rewrites it.
    public func hasMore(_ cursor: LogCursor) -> Bool {
        cursor.wanted > 0 || FileStamp(streamPaths(of: cursor)).value != cursor.stamp
    }
}

/// What files look like, in one number.
struct FileStamp {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ paths: [String]) {
        for path in paths {
            let path = (try? LogPath.resolve(path)) ?? path
            for name in [path, LogName.sidecar(of: path)] {
                let facts = FileFacts(name)
                add(facts?.inode ?? 0)
                add(facts?.device ?? 0)
                add(facts?.size ?? .max)
            }
        }
    }

    private mutating func add(_ number: UInt64) { value = (value ^ number) &* 0x9E37_79B9_7F4A_7C15 ^ value >> 29 }
}
