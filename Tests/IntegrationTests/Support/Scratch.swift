import FoundationEssentials
import Glibc
import ProgramFiles

/// A folder of one test alone, with a path that leaves room for a socket's name. Removed at the end, unless XPM_TEST_KEEP is set.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/xpmit-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure(cannot: "make a scratch folder") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        if getenv("XPM_TEST_KEEP") != nil {
            print("kept \(path)")
        } else {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Makes a folder below this one, with those above it.
    @discardableResult
    func folder(_ name: String, mode: mode_t = 0o700) -> String {
        var made = path
        for component in name.split(separator: "/") {
            made += "/\(component)"
            mkdir(made, mode)
        }
        return made
    }

    /// Writes a file below this folder; one that may be executed is written by another process.
    @discardableResult
    func file(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        guard mode & 0o111 == 0 else {
            let failure = writeProgram(file, text, mode: mode)
            guard failure == 0 else { throw TestFailure(cannot: "write \(file)", errno: failure) }
            return file
        }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw TestFailure(cannot: "make \(file)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw TestFailure(cannot: "write \(file)") }
        return file
    }
}
