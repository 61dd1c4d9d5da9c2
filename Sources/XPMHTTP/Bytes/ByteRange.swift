/// Where some bytes stand in the buffer that a head was parsed from.
///
/// It says nothing by itself: `bytes(in:)` needs a buffer that begins with the same bytes.
public struct ByteRange: Equatable, Sendable {
    var start: UInt32
    var end: UInt32

    /// The place of the first byte, counted from the beginning of the buffer.
    public var lowerBound: Int { Int(start) }
    /// The place behind the last byte.
    public var upperBound: Int { Int(end) }
    /// How many bytes it has.
    public var count: Int { Int(end &- start) }
    /// Whether it has none.
    public var isEmpty: Bool { start == end }

    /// No bytes, at the beginning of the buffer.
    public static let none = ByteRange(0, 0)

    init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    /// The bytes themselves. The buffer must reach as far as the range.
    @inline(__always) public func bytes(in buffer: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        precondition(Int(end) <= buffer.count, "the buffer is not the one that was parsed")
        return UnsafeRawBufferPointer(rebasing: buffer[Int(start)..<Int(end)])
    }

    /// The bytes as text; what is no UTF-8 is replaced.
    public func text(in buffer: UnsafeRawBufferPointer) -> String { String(decoding: bytes(in: buffer), as: UTF8.self) }
}
