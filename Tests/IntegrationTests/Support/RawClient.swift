import FoundationEssentials
import Glibc
import Testing
import XPMProtocol

/// A client that sends whatever bytes a test wants, and whose every read has a deadline.
final class RawClient {
    private let descriptor: Int32
    private var splitter = FrameSplitter(limit: Frame.replyLimit)

    /// Connects; where it does not wait, a full backlog is an error.
    init(_ path: String, waits: Bool = true) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, waits ? type : type | Int32(SOCK_NONBLOCK.rawValue), 0)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw TestFailure(cannot: "connect to \(path)") }
        if !waits { _ = fcntl(descriptor, F_SETFL, 0) }
    }

    deinit { close(descriptor) }

    /// Sends bytes as they are. False where the other side has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends a text as a frame.
    @discardableResult
    func send(frame text: String) -> Bool { send(Frame.encode(Array(text.utf8))) }

    /// Says that nothing more is sent.
    func finishSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next frame's payload; nil where the other side has closed.
    func payload() throws -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let payload = try splitter.next() { return payload }
            guard try isReadable(descriptor, within: patience) else { throw TestFailure("waited in vain for a frame") }
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            splitter.append(chunk[..<count])
        }
    }

    /// A reply with its result as free JSON.
    typealias Reply = Response<JSONValue>

    /// The next reply.
    func reply() throws -> Reply {
        guard let payload = try payload() else { throw TestFailure("xpmd closed the connection instead of replying") }
        return try Wire.decode(Reply.self, from: payload)
    }

    /// Sends a request and waits for the reply.
    func ask(_ text: String) throws -> Reply {
        send(frame: text)
        return try reply()
    }

    /// Greets.
    func greet() throws {
        let reply = try ask(Self.hello)
        guard reply.error == nil else { throw TestFailure("cannot greet xpmd: \(reply)") }
    }

    static let hello =
        #"{"id":0,"jsonrpc":"2.0","method":"hello","params":{"client":"raw","versions":{"min":1,"max":1}}}"#

    /// Waits for the other side to close, over whatever it still sends.
    func awaitClose() throws { while try payload() != nil {} }
}
