import XPMHTTP

/// How far the content of a message has come. Whether it has ended is asked often: it is at hand, and the scanner, which is large, is not copied.
struct Content {
    private(set) var isEnd: Bool
    private var scanner: BodyScanner

    init(_ framing: BodyFraming) {
        scanner = BodyScanner(framing)
        isEnd = framing.isEmpty
    }

    /// Looks at bytes up to the end of the first span of content among them.
    mutating func next(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> BodyScanner.Piece {
        let piece = try scanner.next(bytes)
        isEnd = piece.isEnd
        return piece
    }

    /// Looks at all of the bytes: how many belong to the message.
    mutating func pass(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> Int {
        let piece = try scanner.pass(bytes)
        isEnd = piece.isEnd
        return piece.count
    }

    /// Says that no more comes. An error where the message is not whole.
    func finish() throws(MessageError) { try scanner.finish() }
}
