import Glibc

/// A log whose state cannot be read goes on without it: no byte of it is lost, and what the state said is kept for people.
extension LogState {
    /// Where a state is that could not be read.
    static func aside(of path: String) -> String { file(of: path) + ".unreadable" }

    /// Sets the state of the log at `path` aside and makes a new one from the files that are there, with which offsets and times
    /// begin afresh. Does nothing where somebody else has done it meanwhile.
    static func setAside(_ path: String) throws(LogFault) {
        let lock = try LogLock(path, .exclusive)
        do throws(LogFault) {
            _ = try lock.state()
            return
        } catch {
            guard error.code == EBADMSG else { throw error }
        }
        // As a second name first: without a state the next rotation would take the number of a file that is there.
        let (file, aside) = (file(of: path), aside(of: path))
        unlink(aside)
        guard link(file, aside) == 0 else { throw LogFault(.rotate, path: aside) }
        try lock.save(LogState(segmentsOf: path), isDurable: false)
        unlink(LogIndex.file(of: path))
    }

    /// What people are told of it.
    static func repairNote(of path: String) -> String {
        """
        \(file(of: path)) was damaged and is now \(aside(of: path)): the log goes on, and all its lines are still in \(path) and its \
        rotated files, but the times of older lines are lost
        """
    }

    /// What can be told from the rotated files alone, where there is no state.
    init(segmentsOf path: String) {
        guard let slash = path.lastIndex(of: "/"), let entries = opendir(String(path[...slash])) else { return }
        defer { closedir(entries) }
        let prefix = path[path.index(after: slash)...] + "."
        var sizes: [Int64: Int64] = [:]
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), let number = Int64(name.dropFirst(prefix.count)), 0 < number,
                number < Self.largest
            else { continue }
            var status = stat()
            guard lstat(LogFile.segment(number, of: path), &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFREG { sizes[number] = Self.size(status) }
        }
        for (number, size) in sizes.sorted(by: { $0.key < $1.key }).suffix(1000) {
            guard start + size <= Self.largest else { break }
            segments.append(.init(number: number, from: start, to: start + size))
            (start, last) = (start + size, number)
        }
        (base, released) = (start, start)
    }
}
