import XPMHTTP

/// What becomes of a response's content on its way to the client.
enum BodyRelay {
    /// It passes: its length is known, or it is in chunks.
    case asItIs
    /// It ends with the connection, and becomes chunks.
    case intoChunks
    /// It comes in chunks, which a client of HTTP/1.0 does not know.
    case outOfChunks

    /// The room that a chunk's size and its end need.
    static let before = 32
    static let after = 2

    init(_ framing: BodyFraming, to version: HTTPVersion) {
        switch (framing, version) {
        case (.untilClose, .http11): self = .intoChunks
        case (.chunked, .http10): self = .outOfChunks
        default: self = .asItIs
        }
    }

    /// Makes a chunk of `bytes`, which have `before` bytes of room before them and `after` behind.
    static func chunk(_ bytes: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        var start = base - 2
        start.storeBytes(of: 0x0D, as: UInt8.self)
        (start + 1).storeBytes(of: 0x0A, as: UInt8.self)
        var rest = bytes.count
        while rest > 0 {
            start -= 1
            let digit = UInt8(rest & 15)
            start.storeBytes(of: digit < 10 ? digit + 0x30 : digit + 0x57, as: UInt8.self)
            rest >>= 4
        }
        let end = base + bytes.count
        end.storeBytes(of: 0x0D, as: UInt8.self)
        (end + 1).storeBytes(of: 0x0A, as: UInt8.self)
        return UnsafeRawBufferPointer(start: start, count: end + 2 - start)
    }
}
