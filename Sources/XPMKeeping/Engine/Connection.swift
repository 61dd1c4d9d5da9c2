import Glibc

/// One peer on the keeper's socket. Never blocks: what can't be sent yet waits in memory, up to a bound.
final class Connection {
    /// What reading brought.
    enum Received: Equatable {
        case bytes
        case nothing
        case end
    }

    let descriptor: Descriptor
    /// Said hello in a version that both speak.
    var isGreeted = false
    /// What the poller was last told.
    var awaitsWriting = false
    private var splitter = FrameSplitter()
    private var output: [UInt8] = []
    private var sent = 0

    /// A client that is so far behind reads no more; the next one gets a snapshot instead.
    private static let limit = 64 << 20

    init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
    }

    var hasOutput: Bool { sent < output.count }

    /// Whether so much waits to be sent that no more should come.
    var isBehind: Bool { output.count - sent > 1 << 20 }

    /// One piece at a time, so that a peer who writes without end holds up nobody.
    func receive() -> Received {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
            let count = recv(descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                splitter.append(buffer[..<count])
                return .bytes
            }
            return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
        }
    }

    func nextRequest() throws(KeeperWireError) -> KeeperRequest? {
        guard let body = try splitter.next() else { return nil }
        return try KeeperRequest.decode(body)
    }

    /// False if the queue is full; the connection is of no use then.
    func queue(_ frame: [UInt8]) -> Bool {
        guard output.count - sent + frame.count <= Self.limit else { return false }
        output += frame
        return true
    }

    /// Sends as much as is taken; false if the peer is gone.
    func flush() -> Bool {
        while hasOutput {
            let count = output.withUnsafeBytes { bytes in
                send(
                    descriptor.number, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { break }
            guard count > 0 else { return false }
            sent += count
        }
        // Moving the rest costs as much as it frees: not before half of the queue is sent.
        if sent * 2 >= output.count {
            output.removeSubrange(0..<sent)
            sent = 0
        }
        return true
    }
}
