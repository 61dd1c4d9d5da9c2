import Glibc

/// A path as the address of a Unix socket.
package struct UnixAddress {
    private var address = sockaddr_un()

    /// What fits into sun_path beside the terminating NUL.
    static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    package init(_ path: String) throws(KeeperLaunchError) {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.longestPath, !bytes.contains(0) else {
            throw .unfitPath(path, length: bytes.count)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    /// A stream socket for it, neither blocking nor inherited.
    func socket(for path: String) throws(KeeperLaunchError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let number = Glibc.socket(AF_UNIX, type, 0)
        guard number >= 0 else { throw .notBound(path, errno) }
        return Descriptor(number)
    }

    /// A stream socket that is connected to it, neither blocking nor inherited; -1 with errno. Does not wait for room.
    package func connected() -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let stream = Glibc.socket(AF_UNIX, type, 0)
        guard stream >= 0, withPointer({ connect(stream, $0, $1) }) < 0 else { return stream }
        let cause = errno
        close(stream)
        errno = cause
        return -1
    }

    package func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
