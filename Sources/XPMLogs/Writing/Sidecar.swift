import Glibc

/// The sidecar of the file that is written, open for records.
final class Sidecar {
    let file: OpenFile
    /// Bytes of the file, always a header and whole records.
    private(set) var size: UInt64
    /// What the records at its end told when it was opened.
    private(set) var tail = Tail()
    /// So much of its end was no record that what was told there is lost.
    private(set) var wasDamaged = false
    /// A logger that was killed, and hangs in some file system, has its lock still.
    let isContested: Bool
    /// Records behind the last one that tells the attempt, as far as was looked.
    private(set) var sinceAttempt = 0
    private var waiting: [LogRecord] = []

    /// What a sidecar says last.
    struct Tail {
        /// Where the last bytes with a time begin.
        var data: UInt64?
        /// The last attempt that began.
        var attempt: LogRecord?
    }

    private init(_ file: OpenFile, size: UInt64, isContested: Bool) {
        self.file = file
        self.size = size
        self.isContested = isContested
    }

    /// Makes the sidecar of a data file. One that is in the way is replaced if it is the logger's own, else refused.
    static func make(_ path: String, _ header: LogHeader) throws(LogFileError) -> Sidecar {
        do throws(LogFileError) {
            return try begin(path, header)
        } catch {
            guard error.errno == EEXIST, isOurs(path), unlink(path) == 0 else { throw error }
            return try begin(path, header)
        }
    }

    /// Opens the sidecar of a data file of that size, and takes off what no record is or describes bytes that the file does not have: a
    /// torn write, or what a power cut left.
    static func open(_ path: String, dataSize: UInt64) throws(LogFileError) -> Sidecar {
        let file = try OpenFile.open(path, O_RDWR | O_APPEND | O_NOFOLLOW)
        guard let facts = FileFacts(descriptor: file.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        let isContested = try lock(file, path)
        let sidecar = Sidecar(file, size: facts.size, isContested: isContested)
        let ending = try SidecarEnding(file, size: facts.size, dataSize: dataSize)
        (sidecar.tail, sidecar.sinceAttempt, sidecar.wasDamaged) = (ending.tail, ending.sinceAttempt, ending.isCut)
        guard ending.end != facts.size else { return sidecar }
        guard ftruncate(file.descriptor, off_t(clamping: ending.end)) == 0 else {
            throw LogFileError(cannot: "mend times", errno)
        }
        sidecar.size = ending.end
        return sidecar
    }

    /// Whether what lies there was made by a logger: a header, or what a power cut left of one.
    static func isOurs(_ path: String) -> Bool {
        guard let file = try? OpenFile.open(path, O_RDONLY | O_NOFOLLOW) else { return false }
        if (try? file.header()) != nil { return true }
        var isZero = true
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            guard let count = try? file.read(into: buffer, at: 0) else { return isZero = false }
            isZero = buffer[..<count].allSatisfy { $0 == 0 }
        }
        return isZero
    }

    /// Remembers a record, until `flush`.
    func add(_ record: LogRecord) {
        waiting.append(record)
        sinceAttempt += 1
        if record.kind == .attempt { (tail.attempt, sinceAttempt) = (record, 0) }
    }

    /// Writes what was added. What can't be written is forgotten, unless there is no room for it now.
    func flush() throws(LogFileError) {
        guard !waiting.isEmpty else { return }
        let length = waiting.count * LogRecord.size
        let (written, cause) = withUnsafeTemporaryAllocation(byteCount: length, alignment: 8) { buffer in
            for (index, record) in waiting.enumerated() {
                record.encode(to: UnsafeMutableRawBufferPointer(rebasing: buffer[(index * LogRecord.size)...]))
            }
            return (write(file.descriptor, buffer.baseAddress, length), errno)
        }
        if written == length {
            // Nothing is kept for the next ones: a thousand services have two thousand of these.
            waiting = []
            return size += UInt64(written)
        }
        let error = LogFileError(cannot: "write times", written < 0 ? cause : ENOSPC)
        if written > 0 { _ = ftruncate(file.descriptor, off_t(clamping: size)) }
        if !error.isNoRoom { waiting = [] }
        throw error
    }

    /// Whoever else writes this log, of whatever folder, has it. True where that is one that was killed and hangs.
    private static func lock(_ file: OpenFile, _ path: String) throws(LogFileError) -> Bool {
        // Where the file system has no locks there are none.
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return false }
        let inode = FileFacts(descriptor: file.descriptor)?.inode ?? 0
        if LoggerLock.areDead(holdersOf: inode) { return true }
        throw LogFileError(cannot: "write \(path)", because: "another logger writes it")
    }

    /// At once: a child that another thread is just making would have it until it runs its program.
    deinit { unlock() }

    /// Gives up the lock.
    func unlock() { flock(file.descriptor, LOCK_UN) }

    /// Takes it again, where nobody has it.
    func relock() { flock(file.descriptor, LOCK_EX | LOCK_NB) }

    /// Forgets what was added and not written of bytes that are not there yet.
    func discard() { waiting.removeAll { $0.kind != .attempt } }

    private static func begin(_ path: String, _ header: LogHeader) throws(LogFileError) -> Sidecar {
        let file = try OpenFile.open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW)
        let isContested = try lock(file, path)
        let bytes = header.encode()
        let written = write(file.descriptor, bytes, bytes.count)
        guard written == bytes.count else {
            let cause = written < 0 ? errno : ENOSPC
            unlink(path)
            throw LogFileError(cannot: "write \(path)", cause)
        }
        return Sidecar(file, size: UInt64(bytes.count), isContested: isContested)
    }

    /// Describes the same data file from now on, which others have emptied: nothing of what was told of it holds. The header comes first: what
    /// is left of the records until then is taken off when it is opened.
    func restart(_ header: LogHeader) throws(LogFileError) {
        // Who appends cannot write elsewhere.
        let other = Glibc.open("/proc/self/fd/\(file.descriptor)", O_WRONLY | O_CLOEXEC)
        guard other >= 0 else { throw LogFileError(cannot: "open times again", errno) }
        let bytes = header.encode()
        let written = pwrite(other, bytes, bytes.count, 0)
        let cause = written < 0 ? errno : ENOSPC
        close(other)
        guard written == bytes.count else { throw LogFileError(cannot: "write times", cause) }
        guard ftruncate(file.descriptor, off_t(LogHeader.size)) == 0 else {
            throw LogFileError(cannot: "empty times", errno)
        }
        (size, tail, sinceAttempt, waiting) = (UInt64(LogHeader.size), Tail(), 0, [])
    }
}
