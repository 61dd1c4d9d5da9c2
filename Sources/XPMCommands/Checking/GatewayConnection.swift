import Glibc

/// Where a gateway is asked.
enum GatewayAddress: Hashable {
    /// A port of this machine's loopback.
    case port(UInt16)
    /// A Unix socket.
    case unix(String)
}

/// A connection to a gateway, with blocking reads and writes that end at a deadline.
final class GatewayConnection {
    private let descriptor: Int32
    private let deadline: ContinuousClock.Instant

    init(_ address: GatewayAddress, until deadline: ContinuousClock.Instant) throws(CheckFault) {
        self.deadline = deadline
        let isUnix = if case .unix = address { true } else { false }
        descriptor = socket(isUnix ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw CheckFault("cannot create a socket: \(Self.reason)") }
        try limit(SO_SNDTIMEO)
        let result =
            switch address {
            case .port(let port): connect(port)
            case .unix(let path): try connect(path)
            }
        guard result == 0 else { throw CheckFault("cannot connect: \(Self.reason)") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func connect(_ port: UInt16) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func connect(_ path: String) throws(CheckFault) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw CheckFault("cannot connect: the socket's path is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Writes all of `bytes`.
    func send(_ bytes: [UInt8]) throws(CheckFault) {
        var sent = 0
        while sent < bytes.count {
            try limit(SO_SNDTIMEO)
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { sent += count } else if errno != EINTR { throw fault("send the request") }
        }
    }

    /// Appends what has come to `buffer`, waiting for the first byte; false at the end of the stream.
    func read(into buffer: inout [UInt8]) throws(CheckFault) -> Bool {
        while true {
            try limit(SO_RCVTIMEO)
            let held = buffer.count
            buffer.append(contentsOf: repeatElement(0, count: Self.piece))
            let count = buffer.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + held }, Self.piece, 0)
            }
            let failure = errno
            buffer.removeLast(Self.piece - max(0, count))
            if count >= 0 { return count > 0 }
            errno = failure
            if failure != EINTR { throw fault("read the response") }
        }
    }

    private static let piece = 1 << 16

    private func fault(_ what: String) -> CheckFault {
        errno == EAGAIN ? .tooLate : CheckFault("cannot \(what): \(Self.reason)")
    }

    private static var reason: String { String(cString: strerror(errno)) }

    /// Has the next call on the socket end at the deadline.
    private func limit(_ option: Int32) throws(CheckFault) {
        let left = ContinuousClock.now.duration(to: deadline).components
        guard left.seconds >= 0, left.attoseconds > 0 || left.seconds > 0 else { throw .tooLate }
        var time = timeval(tv_sec: Int(left.seconds), tv_usec: max(1, Int(left.attoseconds / 1_000_000_000_000)))
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
}

/// Why something could not be loaded: the rest of a sentence.
struct CheckFault: Error, Hashable {
    var cause: String

    init(_ cause: String) { self.cause = cause }

    static let tooLate = CheckFault("it did not answer in time")
}
