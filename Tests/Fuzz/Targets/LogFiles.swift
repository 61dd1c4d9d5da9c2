import FoundationEssentials
import Glibc
import XPMLogs

extension FuzzTarget {
    /// The sidecars of a log's current file and, behind a NUL, of its rotated one: the log's own service may write to both.
    static let logFiles = FuzzTarget(name: "log-files") { bytes in
        let (current, rotated) = bytes.halves
        let folder = try LogFolder(current: current, rotated: rotated)
        try folder.readForward()
        try folder.readLast()
        try folder.readFromAnywhere()
        _ = try? LogFiles(of: folder.path)
    }
}

/// A log with a rotated file, in memory where there is a file system for that.
private final class LogFolder {
    let path: String
    private let folder: String
    private let reader: LogReader
    private let line = Array("a line of twenty byte\n".utf8)

    init(current: ArraySlice<UInt8>, rotated: ArraySlice<UInt8>) throws {
        var template = Array("\(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")/xpm-fuzz-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Violation(description: "cannot make a folder: errno \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = "\(folder)/log"
        reader = LogReader(stdout: path, stderr: nil)
        for (name, count, times) in [("", 12, current), (".1", 4, rotated)] {
            try write(name, (0..<count).flatMap { _ in line }[...])
            try write(name + ".times", try owned(times, "\(path)\(name)")[...])
        }
    }

    deinit {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// The sidecar with the file's own numbers in its header, where it has one that is whole: no input could have them.
    private func owned(_ bytes: ArraySlice<UInt8>, _ name: String) throws -> [UInt8] {
        let header = Array(bytes.prefix(LogHeader.size)).withUnsafeBytes { LogHeader($0) }
        guard var header, let facts = FileFacts(name) else { return Array(bytes) }
        (header.device, header.inode, header.hasBirth) = (facts.device, facts.inode, false)
        return header.encode() + bytes.dropFirst(LogHeader.size)
    }

    private func write(_ suffix: String, _ bytes: ArraySlice<UInt8>) throws {
        let descriptor = open(path + suffix, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Violation(description: "cannot write \(path)\(suffix): errno \(errno)") }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw Violation(description: "cannot write \(path)\(suffix): errno \(errno)")
        }
    }

    func readForward() throws {
        var query = LogQuery(givesUnfinished: true, byteLimit: 64)
        var (pages, bytes) = (0, 0)
        while let page = try? reader.page(query) {
            (pages, bytes) = (pages + 1, bytes + page.bytes.count)
            try require(bytes <= 16 * line.count, "nothing is read twice")
            try require(pages < 1000, "reading comes to an end")
            let text = try LogCursor(page.cursor.text)
            try require(text == page.cursor, "a cursor's text is that cursor")
            guard page.more else { break }
            query = query.after(page)
        }
    }

    func readLast() throws {
        guard let page = try? reader.page(LogQuery(lines: 3, givesUnfinished: true)) else { return }
        let ends = page.entries.filter { $0.flags.contains(.hasLineEnd) && !$0.flags.contains(.isNote) }
        try require(ends.count <= 3, "three lines are no more than three")
    }

    func readFromAnywhere() throws {
        for position in [UInt64(0), 70, 1 << 40, .max] {
            _ = try? reader.page(LogQuery(cursor: LogCursor(.stdout, position: position), streams: [.stdout]))
        }
        for time in [Int64.min, 0, 1_700_000_000_000_000, .max] {
            _ = try? reader.page(LogQuery(since: time, until: time, attempt: UInt64(bitPattern: time)))
        }
    }
}
