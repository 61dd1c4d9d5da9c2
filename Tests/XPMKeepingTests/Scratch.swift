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

    func write(_ name: String, _ text: String) throws {
        let file = Descriptor(open(path + "/" + name, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        var text = text
        let count = text.withUTF8 { Glibc.write(file.number, $0.baseAddress, $0.count) }
        guard count == text.utf8.count else { throw TestFailure("cannot write \(name): errno \(errno)") }
    }

    /// With what is in it; tests make no folders below.
    func remove() {
        guard let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            let name = entry.name
            if name != "." && name != ".." { unlink(path + "/" + name) }
        }
        closedir(stream)
        rmdir(path)
    }
}

extension UnsafeMutablePointer<dirent> {
    var name: String {
        withUnsafeBytes(of: &pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
