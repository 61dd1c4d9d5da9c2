import Glibc
import XPMLogs

/// A folder that goes with its last owner.
public final class Scratch: Sendable {
    public let path: String

    public init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/log-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw LogFileError(cannot: "make a folder in \(parent)", errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }

    public var stdout: String { path + "/stdout.log" }
    public var stderr: String { path + "/stderr.log" }
}
