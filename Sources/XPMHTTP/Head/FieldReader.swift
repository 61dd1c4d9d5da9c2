/// Reads lines of fields up to the empty one, as far as there are bytes, and goes on from there when more have come.
///
/// What it decides depends on the bytes alone, never on how many come at a time: each is looked at once, and an error
/// is that of the first byte which cannot be.
struct FieldReader: Sendable {
    private enum Stage: UInt8 { case line, name, value, lineFeed, lastLineFeed, done }

    /// The next byte to look at.
    private(set) var place: Int
    private var stage = Stage.line
    private var line = 0
    private var colon = 0

    init(at place: Int) { self.place = place }

    /// Reads on within `[place, end)`. True once the empty line was read: `place` is behind it.
    mutating func read(
        _ base: UnsafeRawPointer, to end: Int, into section: inout FieldSection, limits: HeadLimits
    ) throws(MessageError) -> Bool {
        var place = self.place
        defer { self.place = place }
        while place < end {
            if stage == .line, try readWhole(base, &place, to: end, into: &section, limits: limits) { continue }
            if stage == .line {
                let byte = base.load(fromByteOffset: place, as: UInt8.self)
                if byte == Alphabet.carriageReturn {
                    place &+= 1
                    stage = .lastLineFeed
                    continue
                }
                guard !Alphabet.isBlank(byte) else { throw .obsoleteFolding }
                guard section.fields.count < limits.fields else { throw .tooManyFields }
                line = place
                stage = .name
            }
            if stage == .name {
                place = Scan.token(base, place, end)
                guard place &- line <= limits.fieldName else { throw .fieldNameTooLong }
                guard place < end else { return false }
                let byte = base.load(fromByteOffset: place, as: UInt8.self)
                guard byte == Alphabet.colon, place > line else { throw nameError(byte) }
                colon = place
                place &+= 1
                stage = .value
            }
            if stage == .value {
                place = Scan.text(base, place, end)
                guard place < end else { return false }
                let byte = base.load(fromByteOffset: place, as: UInt8.self)
                guard byte == Alphabet.carriageReturn else {
                    throw byte == Alphabet.lineFeed ? .bareLineFeed : .controlCharacter
                }
                place &+= 1
                stage = .lineFeed
            }
            guard stage != .done else { return true }
            guard place < end else { return false }
            guard base.load(fromByteOffset: place, as: UInt8.self) == Alphabet.lineFeed else {
                throw .bareCarriageReturn
            }
            place &+= 1
            if stage == .lastLineFeed {
                stage = .done
                return true
            }
            stage = .line
            try section.take(Self.field(base, line, colon, place), in: base)
        }
        return stage == .done
    }

    /// Reads a line of which all bytes are there, as nearly all lines are. False where it is none: what was read of
    /// it until then is not read again.
    @inline(__always) private mutating func readWhole(
        _ base: UnsafeRawPointer, _ place: inout Int, to end: Int, into section: inout FieldSection, limits: HeadLimits
    ) throws(MessageError) -> Bool {
        let nameEnd = Scan.token(base, place, end)
        let count = nameEnd &- place
        guard count > 0, count <= limits.fieldName, section.fields.count < limits.fields else { return false }
        guard nameEnd < end, base.load(fromByteOffset: nameEnd, as: UInt8.self) == Alphabet.colon else {
            (line, place, stage) = (place, nameEnd, .name)
            return false
        }
        let valueEnd = Scan.text(base, nameEnd &+ 1, end)
        guard valueEnd &+ 1 < end,
            base.loadUnaligned(fromByteOffset: valueEnd, as: UInt16.self) == UInt16(littleEndian: 0x0A0D)
        else {
            (line, colon, place, stage) = (place, nameEnd, valueEnd, .value)
            return false
        }
        let begin = place
        place = valueEnd &+ 2
        try section.take(Self.field(base, begin, nameEnd, place), in: base)
        return true
    }

    /// The field of a line from its first byte to behind its CRLF, with its colon in between.
    @inline(__always) private static func field(
        _ base: UnsafeRawPointer, _ line: Int, _ colon: Int, _ lineEnd: Int
    ) -> Field {
        var (start, end) = (colon &+ 1, lineEnd &- 2)
        while start < end, Alphabet.isBlank(base.load(fromByteOffset: start, as: UInt8.self)) { start &+= 1 }
        while start < end, Alphabet.isBlank(base.load(fromByteOffset: end &- 1, as: UInt8.self)) { end &-= 1 }
        let count = colon &- line
        return Field(
            name: FieldName(recognizing: base + line, count: count), nameCount: count,
            line: ByteRange(line, lineEnd), value: ByteRange(start, end))
    }

    /// Why a name does not go on with `byte`.
    private func nameError(_ byte: UInt8) -> MessageError {
        switch byte {
        case Alphabet.colon: .emptyFieldName
        case Alphabet.space, Alphabet.tab: .spaceBeforeColon
        case Alphabet.lineFeed: .bareLineFeed
        case 0..<Alphabet.space, Alphabet.delete: .controlCharacter
        default: .malformedFieldName
        }
    }
}
