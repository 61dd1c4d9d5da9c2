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
            try section.take(field(base, to: place), in: base)
        }
        return stage == .done
    }

    /// The line that ends at `place`.
    @inline(__always) private func field(_ base: UnsafeRawPointer, to place: Int) -> Field {
        var (start, end) = (colon &+ 1, place &- 2)
        while start < end, Alphabet.isBlank(base.load(fromByteOffset: start, as: UInt8.self)) { start &+= 1 }
        while start < end, Alphabet.isBlank(base.load(fromByteOffset: end &- 1, as: UInt8.self)) { end &-= 1 }
        let count = colon &- line
        return Field(
            name: FieldName(recognizing: base + line, count: count), nameCount: count,
            line: ByteRange(line, place), value: ByteRange(start, end))
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
