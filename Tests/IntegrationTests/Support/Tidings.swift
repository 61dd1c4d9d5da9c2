import Glibc

/// A named pipe between a service and its test: the service writes lines that the test waits for, or waits itself until
/// the test lets it go on.
final class Tidings {
    let path: String
    private let descriptor: Int32

    /// Makes the pipe in an instance's scratch folder, where it is removed with everything else.
    init(_ name: String, of instance: Instance) throws {
        path = "\(instance.scratch.path)/\(name)"
        guard mkfifo(path, 0o600) == 0 else { throw TestFailure(cannot: "make \(path)") }
        // Both ways, so that a writer finds a reader, and the reader no end.
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        // What was let go in advance is lost with the last descriptor, and services are ended after the test's own code.
        instance.keep(self)
    }

    deinit { close(descriptor) }

    /// The next line that a service writes.
    func line() throws -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            guard try isReadable(descriptor, within: patience) else {
                throw TestFailure("waited in vain for a line in \(path)")
            }
            guard read(descriptor, &byte, 1) == 1 else { continue }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
    }

    /// A line that is a process id.
    func pid() throws -> Int32 {
        let line = try line()
        guard let pid = Int32(line) else { throw TestFailure("\(line) is no process id") }
        return pid
    }

    /// Writes what a service reads.
    func write(_ text: String) throws {
        guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw TestFailure(cannot: "write to \(path)")
        }
    }

    /// Lets one service go on that reads a line from here.
    func letGo() throws {
        guard Glibc.write(descriptor, "\n", 1) == 1 else { throw TestFailure(cannot: "write to \(path)") }
    }
}
