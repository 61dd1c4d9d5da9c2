import Glibc
import XPMProtocol

/// A connected Unix stream socket with blocking reads and writes. Closed when the last reference goes, so that a
/// `shutdown` from another thread can never hit a descriptor that was given away again.
final class Socket: Sendable {
    private let descriptor: Int32

    /// For how long a connection may wait in the daemon's backlog, or for a place in it.
    private static let patience = Duration.seconds(10)

    /// Connects to the socket at `path`: `unreachable` with the system's reason, also in `data.errno`; `untrusted` if it is not this
    /// user's.
    init(path: String) throws(WireError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The last byte stays 0: not every reader of the address takes an unterminated one.
        try SocketPath.check(path)
        try SocketOwner.checkFolder(of: path)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        descriptor = StandardDescriptors.avoid(
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        guard descriptor >= 0 else { throw Self.unreachable(path, errno) }
        if let fault = Self.connect(descriptor, to: &address) { throw Self.unreachable(path, fault) }
        try SocketOwner.checkPeer(of: descriptor, at: path)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits for a place in the backlog; returns errno where there is no connection.
    private static func connect(_ descriptor: Int32, to address: inout sockaddr_un) -> Int32? {
        let end = ContinuousClock.now + patience
        while true {
            // A daemon that accepts nothing any more must not hold us: connect(2) obeys the send timeout.
            let left = max(.milliseconds(1), ContinuousClock.now.duration(to: end)).components
            var limit = timeval(tv_sec: Int(left.seconds), tv_usec: Int(left.attoseconds / 1_000_000_000_000))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result == 0 { return nil }
            // A signal ends the wait; then nothing is connected.
            guard errno == EINTR else { return errno }
            if .now >= end { return EAGAIN }
        }
    }

    static func unreachable(_ path: String, _ code: Int32) -> WireError {
        let reason = code == EAGAIN ? "too many clients are waiting for it to accept their connections" : reason(code)
        return WireError(
            .unreachable, "cannot reach xpmd at \(path): \(reason)",
            data: ["path": .string(path), "errno": .integer(Int64(code))])
    }

    /// Ends both directions; a thread that waits in `send` or `receive` returns at once.
    func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Whether the other side has closed, or sent what nobody asked for: a connection for which either holds is not used again.
    var isStale: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return !(count < 0 && (errno == EAGAIN || errno == EINTR))
    }

    /// Writes all of `bytes`, and with `reading` gives what came meanwhile: a daemon whose replies nobody takes reads nothing either.
    @discardableResult
    func send(_ bytes: [UInt8], until deadline: Deadline, reading: Bool = false) throws(WireError) -> [UInt8] {
        var inbox: [UInt8] = []
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard deadline.poll(descriptor, for: reading ? POLLOUT | POLLIN : POLLOUT) else {
                    throw WireError(.timedOut, "cannot send to xpmd: it does not read")
                }
                if reading { inbox += present }
            } else if errno != EINTR {
                throw WireError(.connectionLost, "cannot send to xpmd: \(reason())")
            }
        }
        return inbox
    }

    /// What is there to read; an end or a fault is left for who reads or writes next.
    private var present: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 1 << 14) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT)))
        }
    }

    /// Reads what has come into `buffer`, waiting for the first byte; 0 at the end of the stream, nil where the deadline came first.
    func receive(into buffer: inout [UInt8], until deadline: Deadline) throws(WireError) -> Int? {
        while true {
            guard deadline.poll(descriptor, for: POLLIN) else { return nil }
            let count = buffer.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
            if count >= 0 { return count }
            if errno != EINTR && errno != EAGAIN {
                throw WireError(.connectionLost, "cannot read from xpmd: \(reason())")
            }
        }
    }
}
