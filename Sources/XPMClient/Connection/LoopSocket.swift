import CLinux
import Glibc
import XPMProtocol

/// A connection to xpmd for who waits for many descriptors at once and must never wait for one.
package struct LoopSocket {
    /// Connected and non-blocking; whoever asked for it closes it.
    package let descriptor: Int32
    /// The process that must be the one that greets, where a note led to it.
    package let expected: Int32?

    /// Connects to the daemon of `places` as `Connection.open` does, but starts none, and waits neither for a place in its backlog nor for
    /// its greeting.
    package static func open(_ places: Places) throws(WireError) -> LoopSocket {
        do {
            try places.checkRuntimeFolder()
            return LoopSocket(descriptor: try connect(places.socket), expected: nil)
        } catch {
            guard !places.isSocketChosen, error.isNobodyThere || error.data["errno"] == nil,
                let folder = try? places.stateFolder, let noted = Whereabouts(in: folder),
                noted.socket != places.socket, let found = try? connect(noted.socket)
            else { throw error }
            return LoopSocket(descriptor: found, expected: noted.pid)
        }
    }

    private static func connect(_ path: String) throws(WireError) -> Int32 {
        try SocketPath.check(path)
        try SocketOwner.checkFolder(of: path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = StandardDescriptors.avoid(
            socket(
                AF_UNIX,
                Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0))
        guard descriptor >= 0 else { throw Socket.unreachable(path, errno) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        do throws(WireError) {
            if result != 0 { throw Socket.unreachable(path, errno) }
            try SocketOwner.checkPeer(of: descriptor, at: path)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }
}
