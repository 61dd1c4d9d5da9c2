/// Cuts a stream of bytes, arriving in any pieces, into the payloads of whole frames.
public struct FrameSplitter: Sendable {
    private let limit: Int
    private var buffer: [UInt8] = []
    private var consumed = 0

    /// A splitter that refuses payloads over `limit` bytes as soon as their length is known.
    public init(limit: Int) { self.limit = limit }

    /// Takes the next bytes of the stream.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if consumed == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            consumed = 0
        }
        buffer.append(contentsOf: bytes)
    }

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
