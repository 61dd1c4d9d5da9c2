import CLinux
import Glibc
import XPMLogs

/// Writes the form of logs that readers are tested with, in the logger's steps, and stops between any two of them.
///
/// Without locks, recovery or limits: it is no logger.
public final class LogScribe: @unchecked Sendable {  // Belongs to one thread at a time.
    /// Something that has just been done.
    public enum Step: Sendable, CaseIterable { case wroteData, renamedFirst, renamedSecond, madeData, madeTimes }

    public let path: String
    public private(set) var header: LogHeader
    public private(set) var size: UInt64 = 0
    /// Whether a rotation renames the sidecar before the data.
    public var renamesTimesFirst = false
    /// Called after each step.
    public var after: (Step) -> Void = { _ in }
    public private(set) var attempt: (number: UInt64, began: Int64)?
    private var data: CInt = -1
    private var times: CInt = -1

    /// Begins a log at a path where there is none. Records and data are written at once.
    public init(_ path: String, logID: UInt64 = 0xABCD_EF01, base: UInt64 = 0, number: UInt64 = 1) throws {
        self.path = path
        header = LogHeader(logID: logID, base: base, device: 0, inode: 0, number: number, created: 0)
        try begin()
    }

    deinit { end() }

    /// The position behind the last byte.
    public var position: UInt64 { header.base + size }

    /// From here on it is that attempt.
    public func begin(attempt number: UInt64, at time: Int64) {
        attempt = (number, time)
        record(.attempt, time, number)
    }

    /// What one read(2) brought.
    public func write(_ bytes: some Sequence<UInt8>, at time: Int64, boot: UInt64, isNote: Bool = false) {
        record(isNote ? .note : .data, time, boot)
        writeAll(data, Array(bytes))
        size += UInt64(Array(bytes).count)
        after(.wroteData)
    }

    /// The same of a text; the boot's clock goes with the wall clock.
    public func write(_ text: String, at time: Int64, isNote: Bool = false) {
        write(text.utf8, at: time, boot: UInt64(clamping: time) * 1000, isNote: isNote)
    }

    /// Lines were dropped here.
    public func drop(_ lines: UInt64, at time: Int64 = 0) { record(.dropped, time, lines) }

    /// The attempt's stream has ended.
    public func endStream(at time: Int64 = 0) { record(.ended, time, attempt?.number ?? 0) }

    /// Any record.
    public func record(_ kind: LogRecord.Kind, _ time: Int64, _ value: UInt64, at offset: UInt64? = nil) {
        writeAll(times, LogRecord(kind, at: offset ?? size, time: time, value: value).encode())
    }

    /// Any bytes at the sidecar's end.
    public func damage(_ bytes: [UInt8]) { writeAll(times, bytes) }

    /// Goes on in a new file, as the logger does.
    public func rotate() throws {
        let name = LogName.rotated(path, header.number)
        let pairs = [(path, name), (LogName.sidecar(of: path), LogName.sidecar(of: name))]
        for (step, pair) in zip([Step.renamedFirst, .renamedSecond], renamesTimesFirst ? pairs.reversed() : pairs) {
            guard xpm_rename_new(AT_FDCWD, pair.0, pair.1) == 0 else {
                throw LogFileError(cannot: "rename \(pair.0)", errno)
            }
            after(step)
        }
        let (base, number) = (position, header.number + 1)
        end()
        (header.base, header.number) = (base, number)
        try begin()
        if let attempt { record(.attempt, attempt.began, attempt.number) }
    }

    /// Deletes all rotated files up to a number.
    public func prune(through number: UInt64) {
        for number in 1...max(number, 1) {
            let name = LogName.rotated(path, number)
            if unlink(name) == 0 { unlink(LogName.sidecar(of: name)) }
        }
    }

    /// Begins afresh.
    public func clear() throws {
        let number = header.number
        try rotate()
        prune(through: number)
    }

    private func begin() throws {
        data = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard let facts = FileFacts(descriptor: data) else { throw LogFileError(cannot: "open \(path)", errno) }
        (header.device, header.inode) = (facts.device, facts.inode)
        let birth = xpm_birth_of(data)
        (header.hasBirth, header.created) = (birth > 0, max(birth, 0))
        size = facts.size
        after(.madeData)
        times = open(LogName.sidecar(of: path), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard times >= 0 else { throw LogFileError(cannot: "make sidecar of \(path)", errno) }
        writeAll(times, header.encode())
        after(.madeTimes)
    }

    private func end() {
        close(data)
        close(times)
        (data, times) = (-1, -1)
    }

    private func writeAll(_ file: CInt, _ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress?.advanced(by: done), bytes.count - done)
            }
            guard count > 0 else { return }
            done += count
        }
    }
}
