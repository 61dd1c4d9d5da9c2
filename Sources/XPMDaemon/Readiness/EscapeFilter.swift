/// Takes terminal commands out of a stream of UTF-8, byte by byte, so that what is left is the text that people see.
///
/// A sequence may be split over any number of reads. A line end always ends one, so that an unfinished sequence hides no
/// more than its own line.
struct EscapeFilter {
    private enum State {
        case text
        /// Behind ESC.
        case escape
        /// Behind ESC and intermediate bytes, `ESC ( B`.
        case designation
        /// Behind `ESC [`, until a final byte.
        case control
        /// Behind `ESC ]`, `ESC P`, `ESC X`, `ESC ^` or `ESC _`, until BEL or ST.
        case string
        /// Behind an ESC within a string: a `\` makes it ST.
        case stringEscape
        /// Behind 0xC2 in text or in a string: the 8-bit forms are U+0080 to U+009F.
        case wide(inString: Bool)
    }

    private var state = State.text

    /// What a byte is of the text that people see.
    enum Output: Equatable {
        case nothing
        case byte(UInt8)
        /// A byte that was held back, and this one.
        case bytes(UInt8, UInt8)
        case lineEnd
    }

    mutating func take(_ byte: UInt8) -> Output {
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
            state = .text
            return .lineEnd
        }
        switch (state, byte) {
        // CAN and SUB end any sequence.
        case (_, 0x18), (_, 0x1a): state = .text
        case (.text, 0x1b), (.escape, 0x1b), (.designation, 0x1b), (.control, 0x1b), (.wide(inString: false), 0x1b):
            state = .escape
        case (.text, 0xc2): state = .wide(inString: false)
        case (.text, UInt8(ascii: "\t")), (.text, 0x20...0x7e), (.text, 0x80...): return .byte(byte)
        case (.text, _): break
        case (.wide(inString: false), 0x80...0x9f): state = Self.began(byte - 0x40)
        case (.wide(inString: false), 0xc2): break
        case (.wide(inString: false), UInt8(ascii: "\t")), (.wide(inString: false), 0x20...0x7e),
            (.wide(inString: false), 0xa0...):
            state = .text
            return .bytes(0xc2, byte)
        // Not UTF-8: kept, it would make a command of what follows.
        case (.wide(inString: false), _): state = .text
        case (.escape, 0x20...0x2f): state = .designation
        case (.escape, _): state = Self.began(byte)
        case (.designation, 0x20...0x2f): break
        case (.designation, _), (.control, 0x40...0x7e): state = .text
        case (.control, _): break
        case (.string, 0x07), (.stringEscape, UInt8(ascii: "\\")), (.wide(inString: true), 0x9c): state = .text
        case (.string, 0x1b), (.stringEscape, 0x1b), (.wide(inString: true), 0x1b): state = .stringEscape
        case (.string, 0xc2), (.wide(inString: true), 0xc2): state = .wide(inString: true)
        case (.string, _), (.wide(inString: true), _): state = .string
        // Anything else behind ESC begins a new sequence.
        case (.stringEscape, _): state = Self.began(byte)
        }
        return .nothing
    }

    /// What the byte behind ESC, or the C1 control of the same meaning, begins.
    private static func began(_ byte: UInt8) -> State {
        switch byte {
        case UInt8(ascii: "["): .control
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"): .string
        default: .text
        }
    }
}

extension EscapeFilter {
    /// What people see of one line.
    static func text(of line: some Collection<UInt8>) -> [UInt8] {
        // Nearly all lines have no terminal commands, which begin with ESC or are C1 controls.
        guard line.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == 0xc2 }) else { return Array(line) }
        var filter = EscapeFilter()
        return line.reduce(into: []) { text, byte in
            switch filter.take(byte) {
            case .nothing: break
            case .byte(let byte): text.append(byte)
            case .bytes(let first, let second): text += [first, second]
            // A carriage return within the line: what stood before it was seen, too.
            case .lineEnd: text.append(byte)
            }
        }
    }
}
