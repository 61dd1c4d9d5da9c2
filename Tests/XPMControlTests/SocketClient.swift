import Glibc
import NIOCore
import XPMProtocol

/// A client of a real socket, whose reads have a deadline.
final class SocketClient {
    private let descriptor: CInt
    private var splitter = FrameSplitter(limit: Frame.replyLimit)

    struct Failure: Error { var what: String }

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try SocketAddress(unixDomainSocketPath: path).withSockAddr { address, length in
            guard connect(descriptor, address, socklen_t(length)) == 0 else { throw Failure(what: "connect: \(errno)") }
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let frame = Frame.encode(Array(text.utf8))
        _ = Glibc.send(descriptor, frame, frame.count, Int32(MSG_NOSIGNAL))
    }

    /// The next reply; nil at the end.
    func reply() throws -> Response<JSONValue>? {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            if let payload = try splitter.next() { return try Wire.decode(Response<JSONValue>.self, from: payload) }
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 60_000) > 0 else { throw Failure(what: "nothing came") }
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return nil }
            splitter.append(chunk[..<count])
        }
    }

    func ask(_ text: String) throws -> Response<JSONValue>? {
        send(text)
        return try reply()
    }

    /// What it is told before the end of the connection.
    func farewell() throws -> ErrorCode? {
        let told = try reply()
        guard try reply() == nil, told?.id == nil else { throw Failure(what: "it goes on") }
        return told?.error?.code
    }
}
