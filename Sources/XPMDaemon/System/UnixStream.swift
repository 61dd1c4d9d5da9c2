import Glibc
import NIOCore
import XPMKeeping

/// Connections to Unix sockets by every path that the system takes: NIO's own addresses end four bytes earlier.
enum UnixStream {
    /// A connected socket, which neither blocks nor is inherited. Never waits: a backlog that is full is an error (EAGAIN).
    static func connect(_ path: String) throws -> CInt {
        guard let address = try? UnixAddress(path) else { throw IOError(errnoCode: ENAMETOOLONG, reason: path) }
        let stream = address.connected()
        guard stream >= 0 else { throw IOError(errnoCode: errno, reason: "connect to \(path)") }
        return stream
    }
}
