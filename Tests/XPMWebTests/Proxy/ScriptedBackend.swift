import Glibc
import Synchronization

@testable import XPMWeb

/// A backend that does what a test wants: each connection has a thread of its own, and its script.
final class ScriptedBackend: Sendable {
    let address: BackendAddress
    private let listener: RawSocket
    private let thread: LoopThread
    private let scripts = Mutex<[LoopThread]>([])
    private let count = Atomic(0)

    /// How many connections came.
    var connections: Int { count.load(ordering: .sequentiallyConsistent) }

    private final class Box: Sendable {
        let backend = Mutex<ScriptedBackend?>(nil)
    }

    init(
        _ place: SocketAddress = .ipv4(port: 0), backlog: Int32 = 1024, begins: Signal? = nil,
        _ script: @escaping @Sendable (RawSocket, Int) -> Void
    ) throws {
        let descriptor = socket(place.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard place.withPosix({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0 else {
            throw SystemError("listen")
        }
        var bound = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        withUnsafeMutableBytes(of: &bound) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { _ = getsockname(descriptor, $0.baseAddress, &size) }
        }
        address =
            switch place {
            case .ipv4: .ipv4(port: UInt16(bigEndian: bound.sin6_port))
            case .ipv6: .ipv6(port: UInt16(bigEndian: bound.sin6_port))
            case .unix(let path): .unix(path: path)
            }
        listener = RawSocket(descriptor)
        let box = Box()
        thread = LoopThread {
            var number = 0
            begins?.wait()
            while true {
                let accepted = accept(descriptor, nil, nil)
                if accepted < 0 {
                    if errno == EAGAIN || errno == EINTR { continue }
                    return
                }
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                let (connection, which) = (RawSocket(accepted), number)
                if which == 0, place.family != AF_UNIX { Socket.sendAtOnce(accepted) }
                number += 1
                box.backend.withLock { backend in
                    backend?.count.add(1, ordering: .sequentiallyConsistent)
                    backend?.scripts.withLock { $0.append(LoopThread { script(connection, which) }) }
                }
            }
        }
        self.box = box
        box.backend.withLock { $0 = self }
    }

    private let box: Box

    /// Ends it, after all its scripts.
    func close() {
        shutdown(listener.descriptor, Int32(SHUT_RDWR))
        thread.join()
        for script in scripts.withLock({ $0 }) { script.join() }
        box.backend.withLock { $0 = nil }
        listener.close()
    }
}
