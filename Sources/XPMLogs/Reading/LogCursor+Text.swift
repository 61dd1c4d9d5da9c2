extension LogCursor {
    /// The most characters of a cursor.
    public static let textLimit = 320

    /// ASCII, for clients: letters, digits, `.` and `~`.
    public var text: String {
        var fields = ["1"]
        for (name, place) in [("o", stdout), ("e", stderr)] {
            guard let place else { continue }
            let numbers = [
                place.log, place.position, place.line.rawValue, place.attempt, UInt64(bitPattern: place.began),
                place.file,
            ]
            fields.append(([name] + numbers.map { Self.hex($0) }).joined(separator: "."))
        }
        fields.append(["s", Self.hex(stamp), Self.hex(wanted)].joined(separator: "."))
        let text = fields.joined(separator: "~")
        return text + "~" + Self.hex(UInt64(Self.sum(text)))
    }

    /// A cursor that a client brings. Whatever is not exactly what `text` gave is refused; one that was forged leads to some place of
    /// the same log, or to none.
    public init(_ text: String) throws(LogReadError) {
        guard text.utf8.count <= Self.textLimit, let end = text.utf8.lastIndex(of: UInt8(ascii: "~")),
            Self.number(text[text.utf8.index(after: end)...]) == UInt64(Self.sum(String(text[..<end])))
        else { throw .invalidCursor }
        var fields = text[..<end].split(separator: "~", omittingEmptySubsequences: false)[...]
        guard fields.popFirst() == "1", let last = fields.popLast(), fields.count <= 2 else { throw .invalidCursor }
        for field in fields {
            let parts = field.split(separator: ".", omittingEmptySubsequences: false)
            let numbers = parts.dropFirst().compactMap { Self.number($0) }
            guard parts.count == 7, numbers.count == 6, let line = Place.Line(rawValue: numbers[2]) else {
                throw .invalidCursor
            }
            let place = Place(
                log: numbers[0], position: numbers[1], line: line, attempt: numbers[3],
                began: Int64(bitPattern: numbers[4]), file: numbers[5])
            switch parts[0] {
            case "o" where stdout == nil && stderr == nil: stdout = place
            case "e" where stderr == nil: stderr = place
            default: throw .invalidCursor
            }
        }
        let parts = last.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "s", let stamp = Self.number(parts[1]), let wanted = Self.number(parts[2])
        else { throw .invalidCursor }
        (self.stamp, self.wanted) = (stamp, wanted)
    }

    private static func hex(_ number: UInt64) -> String { String(number, radix: 16) }

    /// Only as it is written: no sign, no leading zeros, small letters.
    private static func number(_ text: Substring) -> UInt64? {
        guard let number = UInt64(text, radix: 16), hex(number) == text else { return nil }
        return number
    }

    private static func sum(_ text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { bytes in CRC32.of(UnsafeRawBufferPointer(bytes)[...]) }
    }
}
