/// Parses the head of a request out of a buffer that grows.
///
/// The buffer begins with the request, and has, whenever more has come, the same bytes again and more. Each byte is
/// looked at a bounded number of times, however few come at a time. An error is final.
public struct RequestParser: Sendable {
    private enum Stage: UInt8 { case begin, beginLineFeed, method, target, version, fields, done }

    /// What is refused.
    public let limits: HeadLimits
    /// The head: whole once `parse` gave true.
    public private(set) var head = RequestHead()
    private var stage = Stage.begin
    private var place = 0
    private var mark = 0
    private var reader = FieldReader(at: 0)
    /// How many bytes were looked at in all, for tests.
    private(set) var work = 0

    /// A parser for one request after another.
    public init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
        head.section.fields.reserveCapacity(min(limits.fields, 32))
    }

    /// Makes ready for the next request, in a buffer that begins with it.
    public mutating func reset() {
        head.reset()
        (stage, place, mark) = (.begin, 0, 0)
    }

    /// Whether nothing of a request has come yet, but perhaps an empty line.
    public var isIdle: Bool { stage.rawValue <= Stage.beginLineFeed.rawValue || (stage == .method && place == mark) }

    /// Parses on. True once the head is whole: its content begins at `head.length`.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let end = min(bytes.count, limits.head)
        let begin = place
        defer { work += place - begin + 1 }
        if stage.rawValue < Stage.fields.rawValue {
            guard try parseLine(bytes, base, end) else {
                guard bytes.count < limits.head else { throw stage == .target ? .targetTooLong : .headTooLarge }
                return false
            }
        }
        if stage == .fields {
            defer { place = reader.place }
            guard try reader.read(base, to: end, into: &head.section, limits: limits) else {
                guard bytes.count < limits.head else { throw .headTooLarge }
                return false
            }
            head.length = reader.place
            try head.check(in: bytes)
            stage = .done
        }
        return true
    }

    private mutating func parseLine(
        _ bytes: UnsafeRawBufferPointer, _ base: UnsafeRawPointer, _ end: Int
    ) throws(MessageError) -> Bool {
        while place < end {
            switch stage {
            case .begin:
                // One empty line is let through, as some clients send it after a content (RFC 9112, 2.2).
                let isEmptyLine = bytes[place] == Alphabet.carriageReturn
                if isEmptyLine { place += 1 }
                stage = isEmptyLine ? .beginLineFeed : .method
                mark = place
            case .beginLineFeed:
                guard bytes[place] == Alphabet.lineFeed else { throw .bareCarriageReturn }
                place += 1
                (stage, mark) = (.method, place)
            case .method:
                place = Scan.token(base, place, end)
                guard place - mark <= limits.method else { throw .methodTooLong }
                guard place < end else { return false }
                guard bytes[place] == Alphabet.space, place > mark else { throw .malformedMethod }
                head.methodRange = ByteRange(mark, place)
                head.method = Method(head.methodRange.bytes(in: bytes))
                place += 1
                (stage, mark) = (.target, place)
            case .target:
                place = Scan.target(base, place, end)
                guard place - mark <= limits.target else { throw .targetTooLong }
                guard place < end else { return false }
                guard bytes[place] == Alphabet.space, place > mark else { throw lineError(bytes[place]) }
                head.target = try RequestTarget(ByteRange(mark, place), method: head.method, in: bytes)
                place += 1
                stage = .version
            case .version:
                guard let version = try HTTPVersion.read(bytes, place, end, terminated: true) else { return false }
                head.version = version
                place += 10
                reader = FieldReader(at: place)
                stage = .fields
                return true
            case .fields, .done: return true
            }
        }
        return stage.rawValue >= Stage.fields.rawValue
    }

    /// Why a target does not go on with `byte`.
    private func lineError(_ byte: UInt8) -> MessageError {
        switch byte {
        case Alphabet.lineFeed: .bareLineFeed
        // The end of a line without a version, as in HTTP/0.9.
        case Alphabet.carriageReturn: .malformedVersion
        default: .malformedTarget
        }
    }
}

extension RequestHead {
    /// Refuses what only the whole head can tell.
    fileprivate mutating func check(in bytes: UnsafeRawBufferPointer) throws(MessageError) {
        if section.isChunked {
            guard version == .http11 else { throw .transferEncodingInOldVersion }
            guard section.contentLength == nil else { throw .lengthWithTransferEncoding }
        }
        if method == .connect, section.isChunked || section.contentLength != nil { throw .contentWithConnect }
        guard let host = section.host else {
            guard version == .http10 else { throw .missingHost }
            authority = target?.authority
            return
        }
        guard let authority = Authority(host, in: bytes) else { throw .malformedHost }
        if let target, let other = target.authority {
            guard authority.isSame(as: other, defaultPort: target.defaultPort, in: bytes) else {
                throw .hostDiffersFromTarget
            }
        }
        self.authority = authority
    }
}
