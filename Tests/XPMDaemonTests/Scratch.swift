import FoundationEssentials
import Glibc

/// A folder of one test's own. It goes, with all that is in it, when the test lets go of it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/xpm-daemon-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FixtureFailure("cannot make a folder in /tmp: errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a folder and those around it.
    @discardableResult
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }

    /// Makes a file, or appends to it.
    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FixtureFailure("cannot open \(file): errno \(errno)") }
        defer { close(descriptor) }
        fchmod(descriptor, mode)
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw FixtureFailure("cannot write \(file): errno \(errno)") }
            rest = rest.dropFirst(count)
        }
        return file
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        try write(name, text.utf8, mode: mode)
    }

    func mode(of file: String) throws -> mode_t {
        var status = stat()
        guard stat(file, &status) == 0 else { throw FixtureFailure("cannot look at \(file): errno \(errno)") }
        return status.st_mode & 0o7777
    }
}

/// Why a fixture could not go on.
struct FixtureFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
