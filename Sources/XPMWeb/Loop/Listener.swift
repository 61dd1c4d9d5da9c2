import CLinux
import Glibc

/// A listening socket: gives the descriptors that come in, which neither block nor are inherited.
final class Listener: EventSource {
    /// Where it listens, with the port that was chosen for port 0.
    let address: SocketAddress
    private let descriptor: Int32
    private let loop: EventLoop
    private let accepted: (Int32) -> Void
    /// Asked to close something when there are no descriptors left: whether that has helped.
    private let relieved: () -> Bool
    private var pause: Timer?

    /// How many connections are taken in a turn.
    private static let batch = 64
    /// How long it takes nothing when there is no room for it, unless `resume` is called before.
    private static let pauseLength = Duration.seconds(1)

    /// Listens on this machine's own address, or at a path, where a socket that nobody listens at any more is replaced.
    init(
        _ address: SocketAddress, on loop: EventLoop, relieved: @escaping () -> Bool,
        _ accepted: @escaping (Int32) -> Void
    ) throws(SystemError) {
        (self.loop, self.accepted, self.relieved) = (loop, accepted, relieved)
        descriptor = Socket.make(address.family)
        guard descriptor >= 0 else { throw SystemError("make a socket") }
        do throws(SystemError) {
            self.address = try Self.bind(descriptor, address)
            guard listen(descriptor, SOMAXCONN) == 0 else { throw SystemError("listen") }
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        super.init()
        try loop.register(descriptor, for: .readable, self)
    }

    override func ready(_ events: Events) {
        for _ in 0..<Self.batch {
            let number = xpm_accept(descriptor)
            if number >= 0 {
                accepted(number)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                // The kernel says so before it looks whether anybody waits.
                guard isWaitedFor else { return }
                // It would tell of the same connection again and again; that waits until there is room.
                guard !relieved() else { continue }
                loop.modify(descriptor, for: [])
                pause = loop.after(Self.pauseLength) { [weak self] in self?.resume() }
                return
            default: return
            }
        }
    }

    private var isWaitedFor: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }

    /// Takes connections again: there may be room.
    func resume() {
        guard let pause else { return }
        pause.cancel()
        self.pause = nil
        loop.modify(descriptor, for: .readable)
    }

    /// Stops listening; a socket in the file system stays.
    func close() {
        pause?.cancel()
        loop.close(descriptor)
    }

    private static func bind(_ descriptor: Int32, _ address: SocketAddress) throws(SystemError) -> SocketAddress {
        if case .unix(let path) = address {
            try bind(descriptor, path: path)
            return address
        }
        Socket.set(descriptor, SOL_SOCKET, SO_REUSEADDR)
        if case .ipv6 = address { Socket.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        guard address.withPosix({ Glibc.bind(descriptor, $0, $1) }) == 0 else { throw SystemError("listen") }
        var bound = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        withUnsafeMutableBytes(of: &bound) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { _ = getsockname(descriptor, $0.baseAddress, &size) }
        }
        // The port is at the same place in both kinds of addresses.
        let port = UInt16(bigEndian: bound.sin6_port)
        if case .ipv4 = address { return .ipv4(port: port) }
        return .ipv6(port: port)
    }

    private static func bind(_ descriptor: Int32, path: String) throws(SystemError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        // On Linux the mode of the socket is that of what is bound: nobody else may connect, not even for a moment.
        fchmod(descriptor, 0o600)
        let attempt = { () throws(SystemError) -> Int32 in
            try SocketAddress.withShortPath(path, opening: folder) { path in
                SocketAddress.unix(path: path).withPosix { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
                    ?? ENAMETOOLONG
            }
        }
        var code = try attempt()
        if code == EADDRINUSE, case .failure(let failure) = Socket.connect(.unix(path: path)),
            failure.code == ECONNREFUSED
        {
            unlink(path)
            code = try attempt()
        }
        guard code == 0 else { throw SystemError("listen at \(path)", code) }
    }
}
