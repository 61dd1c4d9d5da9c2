import FoundationEssentials
import Glibc
import XPMProtocol

@testable import XPMDaemon

extension FuzzTarget {
    /// A log's state file and, behind a NUL, its index: the log's own service may write to both.
    static let logFiles = FuzzTarget(name: "log-files") { bytes in
        let (state, index) = bytes.halves
        let folder = try LogFolder()
        for action in LogFolder.Action.allCases {
            try folder.prepare(state: state, index: index)
            try folder.perform(action)
        }
    }
}

/// A log with two rotated files, in memory where there is a file system for that.
private final class LogFolder {
    /// What somebody may do first with a log that was found.
    enum Action: CaseIterable { case read, query, note, rotate, renew }

    private let folder: String
    private var path: String { "\(folder)/log" }
    private let line = Array("a line of twenty byte\n".utf8)

    init() throws {
        var template = Array("\(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")/xpm-fuzz-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Violation(description: "cannot make a folder: errno \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    func prepare(state: ArraySlice<UInt8>, index: ArraySlice<UInt8>) throws {
        try write("", (0..<12).flatMap { _ in line }[...])
        for number in 1...2 { try write(".\(number)", (0..<4).flatMap { _ in line }[...]) }
        try write(".state", state)
        try write(".idx", index)
    }

    private func write(_ suffix: String, _ bytes: ArraySlice<UInt8>) throws {
        unlink(path + suffix)
        let descriptor = open(path + suffix, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Violation(description: "cannot write \(path)\(suffix): errno \(errno)") }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw Violation(description: "cannot write \(path)\(suffix): errno \(errno)")
        }
    }

    func perform(_ action: Action) throws {
        switch action {
        case .read:
            _ = try? LogFile.end(path)
            for offset in [0, 70, Int64.max] {
                guard let piece = try? LogFile.read(path, from: offset, limit: 64) else { continue }
                try require(piece.bytes.count <= 64, "a piece is no longer than asked for")
            }
            guard let tail = try? LogFile.tail(path, lines: 3) else { return }
            try require(tail.bytes.filter { $0 == LogFile.newline }.count <= 4, "three lines are no more than three")
        case .query:
            for milliseconds in [Int64.min, 0, 1_700_000_000_000, .max] {
                var request = ServiceLogs(ServiceReference(id: "x"), stream: .stdout)
                (request.since, request.timestamps) = (Timestamp(milliseconds: milliseconds), true)
                request.until = Timestamp(milliseconds: milliseconds)
                guard let reply = try? LogQuery(request, path: path).answer() else { continue }
                _ = try Wire.encode(reply)
            }
        case .note: if let log = try? LogSnapshot(path) { try? LogIndex.append(log) }
        case .rotate:
            guard (try? LogRotation(path: path, limit: 64, keep: 2).rotate()) == true else { return }
            try require((try? LogFile.end(path)) != nil, "a log that was rotated can be read")
        case .renew: try? LogRotation.complete(path, waits: false)
        }
    }
}
