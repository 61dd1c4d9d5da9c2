import CLinux
import Glibc

/// Passes connections at Unix sockets on to ports of the network that it is in. It ends with the service, whose process it watches.
///
/// A process of the service's attempt: it outlives xpmd and the keeper as the service does.
final class Relay {
    private struct Pair {
        let client: Int32
        var service: Int32
        let port: UInt16
        var isConnected = false
        /// It listens at one of the two loopback addresses, or both.
        var triedIPv6 = false
        var up = RelayFlow()
        var down = RelayFlow()

        var isOver: Bool { up.isOver && down.isOver }
    }

    private let poller: Int32
    private let service: Descriptor
    private let listeners: [(descriptor: Descriptor, port: UInt16)]
    private var pairs: [UInt64: Pair] = [:]
    private var lastPair: UInt64 = 0
    /// Those that have more to pass on although nobody says so.
    private var ready: Set<UInt64> = []
    /// Connections wait because there are no descriptors left.
    private var isFull = false
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: RelayFlow.chunk, alignment: 16)

    private static let serviceToken = UInt64.max
    private static let listenerBit: UInt64 = 1 << 62

    /// Never returns.
    static func run(service: Descriptor, _ listeners: [(Descriptor, UInt16)], unlinking paths: [String]) -> Never {
        xpm_name_process(PrivateNetwork.relayName)
        // Only the end of the service ends it: a signal to all processes of the service is none for it.
        for number in 1...SignalNumber.last where number != SIGKILL && number != SIGSTOP { signal(number, SIG_IGN) }
        chdir("/")
        let (service, listeners) = withoutOthers(service, listeners)
        if let relay = Relay(service, listeners) { relay.serve() }
        for path in paths { unlink(path) }
        exit(0)
    }

    /// It keeps nothing of the service's open: neither its logs nor its terminal.
    private static func withoutOthers(
        _ service: Descriptor, _ listeners: [(Descriptor, UInt16)]
    ) -> (Descriptor, [(Descriptor, UInt16)]) {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        for number in 0...2 { dup2(null, Int32(number)) }
        // Out of the way first, then to the numbers from 3 on.
        let all = ([service] + listeners.map(\.0)).map { fcntl($0.number, F_DUPFD_CLOEXEC, 64) }
        for (index, number) in all.enumerated() {
            dup2(number, Int32(index + 3))
            _ = fcntl(Int32(index + 3), F_SETFD, FD_CLOEXEC)
        }
        xpm_close_from(UInt32(all.count + 3))
        // The numbers of the old ones may stand for others now: nobody closes them.
        _ = Unmanaged.passRetained(service)
        for (listener, _) in listeners { _ = Unmanaged.passRetained(listener) }
        return (
            Descriptor(3),
            listeners.enumerated().map { (Descriptor(Int32($0.offset + 4)), $0.element.1) }
        )
    }

    private init?(_ service: Descriptor, _ listeners: [(Descriptor, UInt16)]) {
        self.service = service
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        self.listeners = listeners.map { (descriptor: $0.0, port: $0.1) }
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poller >= 0, add(service.number, Self.serviceToken, EPOLLIN.rawValue) else { return nil }
        for (index, listener) in listeners.enumerated() {
            guard add(listener.0.number, Self.listenerBit | UInt64(index), EPOLLIN.rawValue) else { return nil }
        }
    }

    private func add(_ number: Int32, _ token: UInt64, _ events: UInt32) -> Bool {
        var event = epoll_event(events: events, data: epoll_data_t(u64: token))
        return epoll_ctl(poller, EPOLL_CTL_ADD, number, &event) == 0
    }

    private func serve() {
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        while true {
            let count = epoll_wait(poller, &events, Int32(events.count), ready.isEmpty ? -1 : 0)
            if count < 0, errno != EINTR { return }
            var due = ready
            ready = []
            for event in events.prefix(Int(max(0, count))) {
                let token = event.data.u64
                if token == Self.serviceToken { return }
                if token & Self.listenerBit != 0 {
                    accept(listeners[Int(token & ~Self.listenerBit)])
                } else {
                    due.insert(token)
                }
            }
            for number in due { pass(number) }
        }
    }

    /// One connection at a time: others have their turn in between.
    private func accept(_ listener: (descriptor: Descriptor, port: UInt16)) {
        let client = xpm_accept(listener.descriptor.number)
        guard client >= 0 else {
            if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pause() }
            return
        }
        lastPair += 1
        pairs[lastPair] = Pair(client: client, service: -1, port: listener.port)
        guard add(client, lastPair, EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | Self.edges) else {
            return close(lastPair)
        }
        connect(lastPair)
    }

    private static let edges = UInt32(1) << 31

    /// Nobody is taken until a connection has ended; who waits, waits in the backlog.
    private func pause() {
        guard !isFull, !pairs.isEmpty else { return }
        isFull = true
        for listener in listeners { _ = epoll_ctl(poller, EPOLL_CTL_DEL, listener.descriptor.number, nil) }
    }

    private func resume() {
        guard isFull else { return }
        isFull = false
        for (index, listener) in listeners.enumerated() {
            _ = add(listener.descriptor.number, Self.listenerBit | UInt64(index), EPOLLIN.rawValue)
        }
    }

    private func connect(_ number: UInt64) {
        guard let pair = pairs[number] else { return }
        let service = xpm_connect_loopback(pair.port, pair.triedIPv6 ? 1 : 0)
        guard service >= 0 else { return tryNext(number) }
        pairs[number]?.service = service
        guard add(service, number, EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | Self.edges) else {
            return close(number)
        }
    }

    private func tryNext(_ number: UInt64) {
        guard let pair = pairs[number], !pair.triedIPv6 else { return close(number) }
        if pair.service >= 0 { _ = Glibc.close(pair.service) }
        pairs[number]?.service = -1
        pairs[number]?.triedIPv6 = true
        connect(number)
    }

    private func pass(_ number: UInt64) {
        guard var pair = pairs[number], pair.service >= 0 else { return }
        if !pair.isConnected {
            var address = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getpeername(pair.service, $0, &length) == 0
                }
            }
            var fault: Int32 = 0
            length = socklen_t(MemoryLayout<Int32>.size)
            guard isConnected else {
                getsockopt(pair.service, SOL_SOCKET, SO_ERROR, &fault, &length)
                // Nothing yet.
                if fault != 0 { tryNext(number) }
                return
            }
            pair.isConnected = true
        }
        let hasMore = [
            pair.up.pass(from: pair.client, to: pair.service, room),
            pair.down.pass(from: pair.service, to: pair.client, room),
        ]
        pairs[number] = pair
        if pair.isOver { close(number) } else if hasMore.contains(true) { ready.insert(number) }
    }

    private func close(_ number: UInt64) {
        guard let pair = pairs.removeValue(forKey: number) else { return }
        ready.remove(number)
        _ = Glibc.close(pair.client)
        if pair.service >= 0 { _ = Glibc.close(pair.service) }
        resume()
    }
}
