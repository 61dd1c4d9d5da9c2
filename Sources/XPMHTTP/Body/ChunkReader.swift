/// Reads chunks: their sizes, extensions, ends and trailers, strictly (RFC 9112, 7.1).
struct ChunkReader: Sendable {
    private enum Stage: UInt8 {
        case size, sizeEnd, sizeLineFeed, content, contentEnd, contentLineFeed
        case trailers, lastLineFeed, trailerFields, done
    }

    private let limits: BodyLimits
    private var stage = Stage.size
    private var digits = 0
    private var remaining: UInt64 = 0
    private var extensions = ChunkExtensions()
    private var trailers = TrailerReader()

    /// More digits than any size needs are refused, leading zeros, too.
    private static let digitLimit = 16

    init(limits: BodyLimits = BodyLimits()) { self.limits = limits }

    var isEnd: Bool { stage == .done }

    /// Looks at bytes up to the end of the first span of content.
    mutating func next(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> BodyScanner.Piece {
        var place = 0
        while place < bytes.count {
            switch stage {
            case .content:
                let count = Int(min(UInt64(bytes.count - place), remaining))
                remaining -= UInt64(count)
                if remaining == 0 { stage = .contentEnd }
                return BodyScanner.Piece(count: place + count, content: place..<(place + count), isEnd: false)
            case .trailerFields:
                let count = try trailers.read(bytes.cut(place, bytes.count), limits: limits)
                place += count
                if trailers.isEnd { stage = .done }
            case .done: return BodyScanner.Piece(count: place, content: place..<place, isEnd: true)
            default:
                // The first byte of a trailer is left to those who read it.
                if try step(bytes[place]) { place += 1 }
            }
        }
        return BodyScanner.Piece(count: place, content: place..<place, isEnd: isEnd)
    }

    /// Takes a byte of the framing. False where it is not its own.
    private mutating func step(_ byte: UInt8) throws(MessageError) -> Bool {
        switch stage {
        case .size: try readSize(byte)
        case .sizeEnd:
            guard try extensions.take(byte, limit: limits.extensions) else { return true }
            stage = .sizeLineFeed
        case .sizeLineFeed:
            guard byte == Alphabet.lineFeed else { throw .bareCarriageReturn }
            stage = remaining == 0 ? .trailers : .content
            digits = 0
        case .contentEnd:
            guard byte == Alphabet.carriageReturn else { throw .malformedChunk }
            stage = .contentLineFeed
        case .contentLineFeed:
            guard byte == Alphabet.lineFeed else { throw .malformedChunk }
            stage = .size
        case .trailers:
            stage = byte == Alphabet.carriageReturn ? .lastLineFeed : .trailerFields
            return stage == .lastLineFeed
        case .lastLineFeed:
            guard byte == Alphabet.lineFeed else { throw .bareCarriageReturn }
            stage = .done
        case .content, .trailerFields, .done: break
        }
        return true
    }

    private mutating func readSize(_ byte: UInt8) throws(MessageError) {
        if let digit = Alphabet.hexadecimal(byte) {
            digits += 1
            guard digits <= Self.digitLimit, remaining <= UInt64(Int64.max) >> 4 else { throw .chunkTooLarge }
            remaining = remaining << 4 | UInt64(digit)
        } else {
            guard digits > 0 else { throw .malformedChunk }
            extensions.begin()
            stage = try extensions.take(byte, limit: limits.extensions) ? .sizeLineFeed : .sizeEnd
        }
    }
}
