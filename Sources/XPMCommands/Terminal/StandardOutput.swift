import ArgumentParser
import Glibc
import XPMProtocol

/// Data.
enum StandardOutput {
    static let descriptor = STDOUT_FILENO
    static var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of `text`. A reader that went away ends the process by SIGPIPE, quietly, as it does every filter.
    static func write(_ text: String) throws { try write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var waited = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&waited, 1, -1)
            } else if errno != EINTR {
                throw WireError(.internalError, "cannot write to standard output: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Writes a value as one line of the wire's JSON, in which nothing is a command to a terminal.
    static func writeJSON(_ value: some Encodable) throws {
        try write(Sanitizer.json(String(decoding: try Wire.encode(value), as: UTF8.self)) + "\n")
    }
}
