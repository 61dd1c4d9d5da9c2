/// Parses the head of a response out of a buffer that grows, in the way of `RequestParser`.
public struct ResponseParser: Sendable {
    private enum Stage: UInt8 { case version, space, status, afterStatus, reason, lineFeed, fields, done }

    /// What is refused; those of methods and targets do not matter.
    public let limits: HeadLimits
    /// The head: whole once `parse` gave true.
    public private(set) var head = ResponseHead()
    private var stage = Stage.version
    private var place = 0
    private var reader = FieldReader(at: 0)
    /// How many bytes were looked at in all, for tests.
    private(set) var work = 0

    /// A parser for one response after another, interim ones, too.
    public init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
        head.section.fields.reserveCapacity(min(limits.fields, 32))
    }

    /// Makes ready for the next response, in a buffer that begins with it.
    public mutating func reset() {
        head.reset()
        (stage, place) = (.version, 0)
    }

    /// Parses on. True once the head is whole: its content begins at `head.length`.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let end = min(bytes.count, limits.head)
        let begin = place
        defer { work += place - begin + 1 }
        if stage.rawValue < Stage.fields.rawValue {
            guard try parseLine(bytes, base, end) else {
                guard bytes.count < limits.head else { throw .headTooLarge }
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
            try head.check()
            stage = .done
        }
        return true
    }

    private mutating func parseLine(
        _ bytes: UnsafeRawBufferPointer, _ base: UnsafeRawPointer, _ end: Int
    ) throws(MessageError) -> Bool {
        while place < end {
            switch stage {
            case .version:
                guard let version = try HTTPVersion.read(bytes, place, end, terminated: false) else { return false }
                head.version = version
                place += 8
                stage = .space
            case .space:
                guard bytes[place] == Alphabet.space else { throw .malformedStatus }
                place += 1
                stage = .status
                head.statusRange = ByteRange(place, place)
            case .status:
                guard let digit = Alphabet.decimal(bytes[place]) else { throw .malformedStatus }
                head.status = head.status * 10 + Int(digit)
                place += 1
                guard place - head.statusRange.lowerBound == 3 else { continue }
                guard head.status >= 100 else { throw .malformedStatus }
                stage = .afterStatus
            case .afterStatus:
                // Some servers end the line here, though a space is due (RFC 9112, 4).
                guard bytes[place] == Alphabet.space || bytes[place] == Alphabet.carriageReturn else {
                    throw bytes[place] == Alphabet.lineFeed ? .bareLineFeed : .malformedStatus
                }
                stage = .reason
            case .reason:
                place = Scan.text(base, place, end)
                guard place < end else { return false }
                guard bytes[place] == Alphabet.carriageReturn else {
                    throw bytes[place] == Alphabet.lineFeed ? .bareLineFeed : .controlCharacter
                }
                head.statusRange = ByteRange(head.statusRange.lowerBound, place)
                place += 1
                stage = .lineFeed
            case .lineFeed:
                guard bytes[place] == Alphabet.lineFeed else { throw .bareCarriageReturn }
                place += 1
                reader = FieldReader(at: place)
                stage = .fields
                return true
            case .fields, .done: return true
            }
        }
        return stage.rawValue >= Stage.fields.rawValue
    }
}
