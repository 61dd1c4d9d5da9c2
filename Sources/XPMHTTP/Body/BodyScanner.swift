/// Finds where the content of a message ends, without keeping any of it.
///
/// It is fed every byte once, in pieces of any size. What it lets pass may be sent on as it is, chunk sizes and
/// trailers included: it was read in the strict way, so that nobody behind can see another end. After an error both
/// connections must be closed: some of a line that is refused may have passed, its end has not.
public struct BodyScanner: Sendable {
    /// What a look at some bytes has found.
    public struct Piece: Equatable, Sendable {
        /// How many of the bytes belong to the message, from the first on.
        public var count: Int
        /// Which of them are content; the others frame it.
        public var content: Range<Int>
        /// Whether the message ends with them: what follows is the next one's.
        public var isEnd: Bool
    }

    private let framing: BodyFraming
    private var remaining: UInt64 = 0
    /// None where there are no chunks: it is large, and scanners are copied.
    private var chunks: ChunkReader?

    /// A scanner for one content.
    public init(_ framing: BodyFraming, limits: BodyLimits = BodyLimits()) {
        self.framing = framing
        if case .length(let length) = framing { remaining = length }
        if framing == .chunked { chunks = ChunkReader(limits: limits) }
    }

    /// Whether the content has ended. What ends with the connection never does.
    public var isEnd: Bool {
        switch framing {
        case .length: remaining == 0
        case .chunked: chunks?.isEnd ?? true
        case .untilClose, .opaque: false
        }
    }

    /// Looks at the next bytes, up to the end of the first span of content among them. There may be more: feed what is
    /// behind `count`.
    public mutating func next(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> Piece {
        switch framing {
        case .length:
            let count = Int(min(UInt64(bytes.count), remaining))
            remaining -= UInt64(count)
            return Piece(count: count, content: 0..<count, isEnd: remaining == 0)
        case .untilClose, .opaque: return Piece(count: bytes.count, content: 0..<bytes.count, isEnd: false)
        case .chunked:
            guard let piece = try chunks?.next(bytes) else { return Piece(count: 0, content: 0..<0, isEnd: true) }
            return piece
        }
    }

    /// Looks at all of the next bytes. Gives how many of them belong to the message, to be sent on as they are.
    public mutating func pass(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> Piece {
        var piece = try next(bytes)
        while piece.count < bytes.count, !piece.isEnd {
            let more = try next(bytes.cut(piece.count, bytes.count))
            piece.count += more.count
            piece.isEnd = more.isEnd
        }
        piece.content = 0..<piece.count
        return piece
    }

    /// Says that no more bytes come. An error where the message is not whole.
    public func finish() throws(MessageError) {
        guard isEnd || framing == .untilClose || framing == .opaque else { throw .endsEarly }
    }
}
