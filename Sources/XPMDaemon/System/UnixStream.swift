import Glibc
import NIOCore
import XPMKeeping

/// Connections to Unix sockets by every path that the system takes: NIO's own addresses end four bytes earlier.
enum UnixStream {
    /// A connected socket, once a worker has gone the way to it: that may lead over a file system that does not answer.
    ///
    /// The connect itself is on the loop, for a worker cannot hand over a descriptor. The kernel has just learnt the whole way, and asks a
    /// file system again only where that does not let it keep what it learnt for a moment, or it died in between.
    static func connect(_ path: String, on loop: any EventLoop) -> EventLoopFuture<CInt> {
        Workers.launch.run(.path(path), on: loop) { _ = access(path, F_OK) }.flatMapThrowing { try connect(path) }
    }

    /// A connected socket, which neither blocks nor is inherited. Never waits: with EAGAIN somebody listens, and the backlog is full.
    static func connect(_ path: String) throws -> CInt {
        guard let address = try? UnixAddress(path) else { throw IOError(errnoCode: ENAMETOOLONG, reason: path) }
        let stream = address.connected()
        guard stream >= 0 else { throw IOError(errnoCode: errno, reason: "connect to \(path)") }
        return stream
    }
}
