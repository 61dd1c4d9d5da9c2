import Glibc

/// A folder of the test's own. It goes, with all that is in it, when the test lets go of it.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/xpm-store-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(what: "mkdtemp", reason: errno) }
        path = template.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit { Self.remove(path) }

    /// The state folder that stores of the test use.
    var state: String { "\(path)/state" }
    /// The database's file in it.
    var database: String { "\(state)/xpmd.sqlite" }

    func mode(of file: String) throws -> mode_t {
        var status = stat()
        guard stat(file, &status) == 0 else { throw Failure(what: "stat \(file)", reason: errno) }
        return status.st_mode & 0o7777
    }

    func write(_ bytes: [UInt8], to file: String, mode: mode_t = 0o600) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(what: "open \(file)", reason: errno) }
        defer { close(descriptor) }
        fchmod(descriptor, mode)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(what: "write \(file)", reason: errno)
        }
    }

    func read(_ file: String) throws -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(what: "open \(file)", reason: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw Failure(what: "opendir \(folder)", reason: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                    tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    private static func remove(_ folder: String) {
        if let stream = opendir(folder) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                    tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                if entry.pointee.d_type == UInt8(DT_DIR) {
                    remove("\(folder)/\(name)")
                } else {
                    unlink("\(folder)/\(name)")
                }
            }
            closedir(stream)
        }
        rmdir(folder)
    }
}

/// A system call of a fixture that failed.
struct Failure: Error, CustomStringConvertible {
    let what: String
    let reason: Int32
    var description: String { "cannot \(what): \(String(cString: strerror(reason)))" }
}
