import Glibc

/// The lock that makes a logger the only one of its folder.
///
/// One that was killed while a file system did not answer keeps its locks until that does: it reads and writes nothing any more, so it must
/// not keep the streams of all others waiting. Its process shows as a zombie. The log that it hangs at has a lock of its own (`Sidecar`).
enum LoggerLock {
    private static let attempts = 8

    static func take(_ folder: String) throws(LogFileError) -> OpenFile {
        let path = folder + "/logger.lock"
        for _ in 0..<attempts {
            let file = try OpenFile.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
            let mine = FileFacts(descriptor: file.descriptor)
            if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 {
                // Somebody may have taken the file away meanwhile.
                guard let mine, let there = FileFacts(path), there.isSame(as: mine) else { continue }
                let text = Array("\(getpid())\n".utf8)
                guard ftruncate(file.descriptor, 0) == 0, pwrite(file.descriptor, text, text.count, 0) == text.count
                else {
                    throw LogFileError(cannot: "write \(path)", errno)
                }
                return file
            }
            guard errno == EWOULDBLOCK, isDead(holder(file)), let mine, let there = FileFacts(path) else {
                throw LogFileError(cannot: "lock \(folder)", EWOULDBLOCK)
            }
            if there.isSame(as: mine) { unlink(path) }
        }
        throw LogFileError(cannot: "lock \(folder)", EWOULDBLOCK)
    }

    private static func holder(_ file: OpenFile) -> pid_t? {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { buffer in
            let count = (try? file.read(into: buffer, at: 0)) ?? 0
            return pid_t(String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        }
    }

    /// Whether a process has ended but for threads that the kernel keeps.
    static func isDead(_ pid: pid_t?) -> Bool {
        guard let pid, let file = try? OpenFile.open("/proc/\(pid)/stat", O_RDONLY) else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { buffer in
            let count = (try? file.read(into: buffer, at: 0)) ?? 0
            // pid (name) state …, and a name may have parentheses.
            guard let name = buffer[..<count].lastIndex(of: UInt8(ascii: ")")), name + 2 < count else { return false }
            return [UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(buffer[name + 2])
        }
    }

    /// Whether those who have flock(2) on a file are all such processes, by /proc/locks; false where nobody is found.
    static func areDead(holdersOf inode: UInt64) -> Bool {
        guard let file = try? OpenFile.open("/proc/locks", O_RDONLY) else { return false }
        var table: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 1)
        defer { buffer.deallocate() }
        while let count = try? file.read(into: buffer, at: UInt64(table.count)), count > 0 { table += buffer[..<count] }
        let holders = holders(of: inode, table)
        return !holders.isEmpty && holders.allSatisfy { isDead($0) }
    }

    /// `1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF`. The device is left out: some file systems have one there and another one in stat.
    static func holders(of inode: UInt64, _ table: [UInt8]) -> [pid_t] {
        table.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard fields.count > 5, fields[1] == "FLOCK", fields[5].split(separator: ":").last == "\(inode)" else {
                return nil
            }
            return pid_t(fields[4])
        }
    }
}
