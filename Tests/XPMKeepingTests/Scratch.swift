import Glibc

@testable import XPMKeeping

/// A folder of one test's own.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/xpm-keeping-XXXXXX".utf8CString)
        guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) else {
            throw TestFailure("cannot create a folder in /tmp: errno \(errno)")
        }
        path = String(cString: made)
    }

    func read(_ name: String) -> String {
        String(decoding: ProcessFiles.contents(of: path + "/" + name) ?? [], as: UTF8.self)
    }

    /// With what is in it; tests make no folders below.
    func remove() {
        guard let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink(path + "/" + name) }
        }
        closedir(stream)
        rmdir(path)
    }
}
