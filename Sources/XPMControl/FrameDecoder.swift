import NIOCore
import XPMProtocol

/// Cuts the bytes of a connection into payloads, one at a time as they are asked for. A length over the limit is an error before anything
/// of its payload is kept.
struct FrameDecoder {
    private var buffer = ByteBuffer()
    /// Where the bytes that were cut out already are moved away.
    private static let slack = 64 << 10

    /// Takes the next bytes of the stream.
    mutating func append(_ bytes: ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = bytes
            return
        }
        if buffer.readerIndex > max(Self.slack, buffer.readableBytes) { buffer.discardReadBytes() }
        buffer.writeImmutableBuffer(bytes)
    }

    /// Whether `next` has something to say: a whole payload, or what is wrong with the stream.
    var hasNext: Bool {
        guard buffer.readableBytes >= Frame.headerSize else { return false }
        guard let length = try? Frame.length(of: buffer.readableBytesView, limit: Frame.requestLimit) else {
            return true
        }
        return buffer.readableBytes >= Frame.headerSize + length
    }

    /// The next whole payload, or nil while it is not complete. After an error the stream has no recoverable position.
    mutating func next() throws(WireError) -> ByteBuffer? {
        guard buffer.readableBytes >= Frame.headerSize else { return nil }
        let length = try Frame.length(of: buffer.readableBytesView, limit: Frame.requestLimit)
        guard buffer.readableBytes >= Frame.headerSize + length else { return nil }
        buffer.moveReaderIndex(forwardBy: Frame.headerSize)
        let payload = buffer.readSlice(length: length)
        // An idle connection keeps no room for what it has sent.
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return payload
    }
}
