/// Cuts a stream of bytes, arriving in any pieces, into the payloads of whole frames.
public struct FrameSplitter: Sendable {
    private let limit: Int
    private var buffer: [UInt8] = []
    private var consumed = 0

    /// A splitter that refuses payloads over `limit` bytes as soon as their length is known.
    public init(limit: Int) { self.limit = limit }

    /// Takes the next bytes of the stream.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        // A stream whose pieces never end with a frame would keep everything it ever brought. Moving the rest only
        // once it is the smaller part keeps the cost of a byte constant.
        if consumed > buffer.count / 2 {
            buffer.removeSubrange(..<consumed)
            consumed = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Bytes held: those of frames that are not complete, and less than as many again that are done with.
    var bufferedCount: Int { buffer.count }

    /// The next whole payload, or nil while it is not complete. After an error the stream has no recoverable position.
    public mutating func next() throws(WireError) -> [UInt8]? {
        guard buffer.count - consumed >= Frame.headerSize else { return nil }
        let length = try Frame.length(of: buffer[consumed...], limit: limit)
        let start = consumed + Frame.headerSize
        guard buffer.count >= start + length else { return nil }
        consumed = start + length
        return Array(buffer[start..<consumed])
    }
}
