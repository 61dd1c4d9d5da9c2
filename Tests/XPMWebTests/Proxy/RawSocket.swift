import Glibc
import Synchronization

@testable import XPMWeb

/// A blocking socket, for either end of a conversation. What takes more than 20 s has failed.
final class RawSocket: Sendable {
    let descriptor: Int32
    private let isOpen = Mutex(true)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        setPatience(milliseconds: 20_000)
    }

    /// How long it waits for the peer.
    func setPatience(milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Connected to an address; with a small buffer, if the peer is to feel at once that nothing is read.
    convenience init(_ address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if let receiveBuffer { Socket.set(descriptor, SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        if address.family != AF_UNIX { Socket.sendAtOnce(descriptor) }
        self.init(descriptor)
        guard address.withPosix({ connect(descriptor, $0, $1) }) == 0 else { throw SystemError("connect") }
    }

    deinit { close() }

    func close() {
        isOpen.withLock { isOpen in
            if isOpen { _ = Glibc.close(descriptor) }
            isOpen = false
        }
    }

    /// Closes with a reset.
    func reset() {
        Socket.resetOnClose(descriptor)
        close()
    }

    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends all of it; false where the peer has gone.
    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + start }, bytes.count - start, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }

    @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Some bytes, none at the end, nil after an error.
    func receive(_ limit: Int = 65536) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return count < 0 ? nil : Array(buffer[..<count])
    }

    /// What comes up to the first occurrence of `text`, or to the end.
    func read(through text: String) -> String {
        let wanted = Array(text.utf8)
        var bytes: [UInt8] = []
        while !bytes.suffix(wanted.count).elementsEqual(wanted) {
            guard let more = receive(1), !more.isEmpty else { break }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func readHead() -> String { read(through: "\r\n\r\n") }

    /// So many bytes, or what came until the end.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard let more = receive(min(count - bytes.count, 1 << 20)), !more.isEmpty else { break }
            bytes += more
        }
        return bytes
    }

    func readText(_ count: Int) -> String { String(decoding: read(count), as: UTF8.self) }

    /// Everything up to the end.
    func readAll() -> String {
        var bytes: [UInt8] = []
        while let more = receive(), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the peer has ended, or broken off, with nothing before.
    func isAtEnd() -> Bool { receive(1)?.isEmpty ?? (errno != EAGAIN) }
}
