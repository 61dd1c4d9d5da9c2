/// What a request is for (RFC 9112, 3.2), as places in the buffer: nothing is decoded or normalized.
public struct RequestTarget: Equatable, Sendable {
    /// The forms of a target.
    public enum Form: UInt8, Equatable, Sendable {
        /// `/path?query`.
        case origin
        /// `http://host/path?query`.
        case absolute
        /// `host:port`, for CONNECT alone.
        case authority
        /// `*`, for OPTIONS alone.
        case asterisk
    }

    /// Which form it has.
    public var form: Form
    /// All of it.
    public var whole: ByteRange
    /// The path with its first slash. Empty where a target has none: `http://host?query`, `host:port`, `*`.
    public var path: ByteRange
    /// What stands behind the first question mark: nil without one, and empty where nothing follows.
    public var query: ByteRange?
    /// The host of an absolute target or of CONNECT.
    public var authority: Authority?
    /// The port of an absolute target that names none.
    var defaultPort: UInt16 = 80

    init(_ range: ByteRange, method: Method, in bytes: UnsafeRawBufferPointer) throws(MessageError) {
        let text = range.bytes(in: bytes)
        whole = range
        path = ByteRange(range.upperBound, range.upperBound)
        guard method != .connect else {
            form = .authority
            guard let authority = Authority(range, in: bytes), authority.port != nil else { throw .malformedTarget }
            self.authority = authority
            return
        }
        if text[0] == Alphabet.slash {
            form = .origin
            split(from: range.lowerBound, in: bytes)
        } else if text.equals("*") {
            form = .asterisk
            guard method == .options else { throw .methodDoesNotFitTarget }
        } else {
            form = .absolute
            try readAbsolute(text, in: bytes)
        }
    }

    private mutating func readAbsolute(
        _ text: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer
    ) throws(MessageError) {
        var start = 7
        if text.count > 8, text.cut(0, 8).equalsIgnoringCase("https://") {
            (start, defaultPort) = (8, 443)
        } else if text.count <= 7 || !text.cut(0, 7).equalsIgnoringCase("http://") {
            throw .malformedTarget
        }
        var end = start
        while end < text.count, text[end] != Alphabet.slash, text[end] != Alphabet.question { end += 1 }
        let offset = whole.lowerBound
        guard let authority = Authority(ByteRange(offset + start, offset + end), in: bytes) else {
            throw .malformedTarget
        }
        self.authority = authority
        split(from: offset + end, in: bytes)
    }

    /// Takes what begins at `start` for path and query.
    private mutating func split(from start: Int, in bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let end = whole.upperBound
        let mark = Scan.first(Alphabet.question, base, start, end)
        path = ByteRange(start, mark)
        if mark < end { query = ByteRange(mark + 1, end) }
    }

    /// Path, question mark and query as they came. Empty for `*`, for CONNECT, and where an absolute target has
    /// neither.
    public var pathAndQuery: ByteRange { ByteRange(path.lowerBound, query?.upperBound ?? path.upperBound) }
}
