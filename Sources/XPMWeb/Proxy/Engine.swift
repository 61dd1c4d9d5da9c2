import Glibc
import XPMHTTP

/// What moves the bytes: clients' connections, their requests one at a time, and the connections to backends.
final class Engine {
    let loop: EventLoop
    let limits: EngineLimits
    /// Whom each request is given to.
    let handler: (Exchange) -> Void
    let pool: Pool

    /// Shared by all connections, for what is read, or put together, and gone with the same call. Those of clients and of backends are
    /// apart, since what one has read may make the other one read.
    let clientInbox = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 64)
    let backendInbox = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 64)
    let outbox = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    /// For heads that come whole, as most do.
    var requests: RequestParser
    var responses: ResponseParser

    /// Clients between two requests, or before the first.
    let resting = Lineup()
    /// Clients in the middle of a head.
    let heading = Lineup()
    private(set) var clientCount = 0
    private var listeners: [Listener] = []

    init(on loop: EventLoop, limits: EngineLimits = EngineLimits(), handler: @escaping (Exchange) -> Void) {
        (self.loop, self.limits, self.handler) = (loop, limits, handler)
        pool = Pool(perKey: limits.pooledPerKey, inAll: limits.pooledInAll)
        requests = RequestParser(limits: limits.heads)
        responses = ResponseParser(limits: limits.heads)
    }

    deinit {
        clientInbox.deallocate()
        backendInbox.deallocate()
        outbox.deallocate()
    }

    /// Listens on this machine's own address, or at a path. Gives where, with the port that was chosen for port 0.
    func listen(at address: SocketAddress) throws(SystemError) -> SocketAddress {
        let peer =
            switch address {
            case .ipv4: "127.0.0.1"
            case .ipv6: "::1"
            case .unix: "unix"
            }
        let listener = try Listener(address, on: loop, relieved: { [unowned self] in relieve() }) {
            [unowned self] in accept($0, peer: peer)
        }
        listeners.append(listener)
        return listener.address
    }

    /// Listens no more.
    func close() {
        for listener in listeners { listener.close() }
        listeners = []
        pool.closeAll()
    }

    private static let refusal: StaticString =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n"

    private func accept(_ descriptor: Int32, peer: String) {
        if clientCount >= limits.clients, let victim = resting.first ?? heading.first { victim.close() }
        if peer != "unix" { Socket.sendAtOnce(descriptor) }
        guard clientCount < limits.clients,
            let client = try? ClientConnection(descriptor, peer: peer, of: self)
        else {
            _ = Glibc.send(descriptor, Self.refusal.utf8Start, Self.refusal.utf8CodeUnitCount, Int32(MSG_NOSIGNAL))
            loop.close(descriptor)
            return
        }
        clientCount += 1
        client.begin()
    }

    /// Closes something that is not in use, where descriptors or memory of the kernel are used up. Whether there was such.
    func relieve() -> Bool {
        if pool.closeOldest() { return true }
        guard let victim = resting.first ?? heading.first else { return false }
        victim.close()
        return true
    }

    /// A descriptor has been closed.
    func hasRoom() { for listener in listeners { listener.resume() } }

    func clientHasClosed() {
        clientCount -= 1
        hasRoom()
    }
}
