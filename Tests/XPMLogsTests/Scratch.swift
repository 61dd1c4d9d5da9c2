import Glibc

@testable import XPMLogs

/// Why a test could not go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A folder of one test's own.
final class Scratch {
    let path: String

    init() throws {
        let root = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(root)/xpm-logs-XXXXXX".utf8CString)
        guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) else {
            throw TestFailure("cannot create a folder in \(root): errno \(errno)")
        }
        path = String(cString: made)
    }

    deinit { remove(path) }

    func read(_ name: String) -> [UInt8] { contents(of: path + "/" + name) }

    func text(_ name: String) -> String { String(decoding: read(name), as: UTF8.self) }

    func write(_ name: String, _ text: String) throws {
        let file = OpenFile(open(path + "/" + name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600))
        guard Glibc.write(file.descriptor, text, text.utf8.count) == text.utf8.count else {
            throw TestFailure("cannot write \(name): errno \(errno)")
        }
    }

    var names: [String] { ((try? Folder.names(path, beginning: "")) ?? []).filter { $0 != "." && $0 != ".." }.sorted() }

    private func remove(_ folder: String) {
        for name in (try? Folder.names(folder, beginning: "")) ?? [] where name != "." && name != ".." {
            let entry = folder + "/" + name
            if unlink(entry) != 0 { remove(entry) }
        }
        rmdir(folder)
    }
}

func contents(of path: String) -> [UInt8] {
    let file = OpenFile(open(path, O_RDONLY | O_CLOEXEC))
    guard let facts = FileFacts(descriptor: file.descriptor) else { return [] }
    return [UInt8](unsafeUninitializedCapacity: Int(facts.size)) { buffer, count in
        count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)) ?? 0
    }
}

/// The records of a sidecar.
func records(of path: String) -> [LogRecord] {
    let bytes = contents(of: path)
    return bytes.withUnsafeBytes { bytes in
        stride(from: LogHeader.size, to: bytes.count, by: LogRecord.size).compactMap {
            LogRecord(UnsafeRawBufferPointer(rebasing: bytes[$0...]))
        }
    }
}

/// What a log has, over all its files.
func log(_ path: String) throws -> [UInt8] {
    try LogFiles(of: path).files.flatMap { contents(of: $0.path) }
}
