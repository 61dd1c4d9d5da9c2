import Glibc
import ProgramFiles
import XPMProtocol

/// A folder for one test, removed with everything in it by `remove`.
///
/// It lies in `/tmp`, whatever `TMPDIR` says: a socket's path may have 107 bytes.
public struct ScratchFolder: Sendable {
    /// The folder's path.
    public let path: String

    /// Makes a new folder, 0700.
    public init() throws {
        var template = Array("/tmp/xpmt-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw WireError(.internalError, "cannot make a scratch folder: errno \(errno)")
        }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of something in it.
    public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file; a `mode` of 0700 makes a script, which another process writes.
    public func write(_ name: String, _ text: String, mode: UInt32 = 0o600) throws {
        guard mode & 0o111 == 0 else {
            let failure = writeProgram(self(name), text, mode: mode)
            guard failure == 0 else { throw WireError(.internalError, "cannot write \(self(name)): errno \(failure)") }
            return
        }
        let file = open(self(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw WireError(.internalError, "cannot write \(self(name)): errno \(errno)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw WireError(.internalError, "cannot write \(self(name)): errno \(errno)")
        }
    }

    /// Makes a folder in it, with those above it.
    public func makeFolder(_ name: String) {
        var built = path
        for component in name.split(separator: "/") {
            built += "/\(component)"
            mkdir(built, 0o700)
        }
    }

    /// The text of a file; nil where there is none.
    public func read(_ name: String) -> String? {
        let file = open(self(name), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Removes it.
    public func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name == "." || name == ".." { continue }
                let child = "\(path)/\(name)"
                if entry.pointee.d_type == UInt8(DT_DIR) { remove(child) } else { unlink(child) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
