/// Cuts a stream of bytes, however it comes in pieces, into the bodies of frames.
public struct FrameSplitter: Sendable {
    private var pending: [UInt8] = []
    private var taken = 0

    /// Nothing received yet.
    public init() {}

    /// Adds what was received.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        // What was taken goes first, so that a long stream holds no more than one unfinished frame.
        if taken > 0 {
            pending.removeSubrange(0..<taken)
            taken = 0
        }
        pending.append(contentsOf: bytes)
    }

    /// The next complete body, or nil until more is received. After an error the stream can't be followed further.
    public mutating func next() throws(KeeperWireError) -> ArraySlice<UInt8>? {
        var reader = WireReader(pending[taken...])
        guard let announced = try? reader.integer(UInt32.self) else { return nil }
        let length = Int(announced)
        guard (1...KeeperProtocol.maximumBodyLength).contains(length) else { throw .invalidLength(length) }
        let start = taken + 4
        guard pending.count - start >= length else { return nil }
        taken = start + length
        return pending[start..<taken]
    }
}
