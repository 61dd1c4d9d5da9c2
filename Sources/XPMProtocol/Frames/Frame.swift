/// A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON.
public enum Frame {
    /// Bytes of the length field.
    public static let headerSize = 4
    /// The most bytes that a request may have.
    public static let requestLimit = 1 << 20
    /// The most bytes that a reply or an event may have; longer lists come in pages.
    public static let replyLimit = 16 << 20

    /// The length field of a payload of `count` bytes.
    public static func header(for count: Int) -> [UInt8] {
        let length = UInt32(count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
    }

    /// Puts a payload into a frame.
    public static func encode(_ payload: [UInt8]) -> [UInt8] { header(for: payload.count) + payload }

    /// Reads a length field and checks it before anybody allocates: `frameTooLarge` over the limit, `parseError` for an empty frame.
    public static func length(of header: some Collection<UInt8>, limit: Int) throws(WireError) -> Int {
        let length = header.prefix(headerSize).reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else {
            throw WireError(
                .frameTooLarge, "cannot read a frame of \(length) bytes: the limit is \(limit)",
                data: ["limit": .integer(Int64(limit)), "length": .integer(Int64(length))])
        }
        guard length > 0 else { throw WireError(.parseError, "cannot read an empty frame") }
        return length
    }
}
