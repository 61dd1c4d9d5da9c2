/// What a document may have, looked at before it is parsed: the parser, in C++, goes as deep as a document is, and ends the process
/// where its stack does.
struct TOMLBounds {
    /// How many arrays and inline tables may be in each other, and how deep values may be.
    static let depthLimit = 32
    /// How many parts a dotted key may have.
    static let partLimit = 16
    /// The most bytes of a key, dotted or not.
    static let keyLimit = 512
    /// The most keys and elements together.
    static let entryLimit = 2048

    /// The arrays, tables and headers that are open, by their brackets.
    private var open: [UInt8] = []
    private var dots = 0
    /// Bytes since the last separator, and whether these can only be a key, as in a table's header.
    private var length = 0
    private var isHeader = false
    private var entries = 0
    private var line = 1

    /// Throws at the first thing that is over a limit, and at faults of syntax that the parser takes for impossible: it ends the
    /// process there. It reads strings and comments as the parser does, up to the first fault of
    /// syntax, at which the parser ends.
    static func check(_ text: String) throws(TemplateFault) {
        var bounds = TOMLBounds()
        var rest = Array(text.utf8)[...]
        // The parser skips a byte order mark.
        if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
        while let byte = rest.first { try bounds.take(byte, &rest) }
    }

    private mutating func take(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) throws(TemplateFault) {
        switch byte {
        case UInt8(ascii: "\n"):
            rest.removeFirst()
            line += 1
            try separate()
            isHeader = false
        case UInt8(ascii: "#"): rest = rest.drop { $0 != UInt8(ascii: "\n") }
        case UInt8(ascii: "\""), UInt8(ascii: "'"): length += skipString(byte, &rest)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            rest.removeFirst()
            if open.isEmpty, length == 0 {
                isHeader = true
                try checkHeader(rest)
            }
            open.append(byte)
            guard open.count <= Self.depthLimit else {
                throw fault("arrays and tables are nested deeper than \(Self.depthLimit) levels")
            }
            try separate()
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            rest.removeFirst()
            if isHeader { try checkKey() }
            guard open.popLast() == (byte == UInt8(ascii: "]") ? UInt8(ascii: "[") : UInt8(ascii: "{")) else {
                throw fault("'\(Unicode.Scalar(byte))' closes nothing")
            }
            try separate()
        case UInt8(ascii: "="):
            rest.removeFirst()
            try checkKey()
            try separate()
            // What follows is a value, even where a line begins with it.
            (isHeader, length) = (false, 1)
        case UInt8(ascii: ","):
            rest.removeFirst()
            try separate()
        case UInt8(ascii: "."):
            rest.removeFirst()
            dots += 1
            length += 1
            guard dots < Self.partLimit else { throw fault("a key has more than \(Self.partLimit) parts") }
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): rest.removeFirst()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try takeNumber(&rest)
        default:
            guard (0x21...0x7e).contains(byte) else {
                throw fault("there is a character that may stand in strings and comments only")
            }
            rest.removeFirst()
            length += 1
        }
    }

    /// Takes digits, and what may stand between them. Behind a date and a space the parser takes one digit for the beginning of a time, and
    /// it for impossible that nothing follows it.
    private mutating func takeNumber(_ rest: inout ArraySlice<UInt8>) throws(TemplateFault) {
        let text = rest.prefix { Self.isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        rest = rest.dropFirst(text.count)
        length += text.count
        let written = text.filter { $0 != UInt8(ascii: "_") }
        guard written.count == 10, written.contains(UInt8(ascii: "-")), rest.first == UInt8(ascii: " ") else { return }
        let behind = rest.dropFirst()
        guard let digit = behind.first, Self.isDigit(digit), let next = behind.dropFirst().first else { return }
        if next <= UInt8(ascii: " ") || "]},#".utf8.contains(next) { throw fault("a time is expected behind a date") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func separate() throws(TemplateFault) {
        if length > 0 {
            entries += 1
            guard entries <= Self.entryLimit else { throw fault("there are more than \(Self.entryLimit) values") }
        }
        (dots, length) = (0, 0)
    }

    private func checkKey() throws(TemplateFault) {
        guard length <= Self.keyLimit else { throw fault("a key has more than \(Self.keyLimit) bytes") }
    }

    /// A table's name has to begin as one.
    private func checkHeader(_ rest: ArraySlice<UInt8>) throws(TemplateFault) {
        let inner = rest.first == UInt8(ascii: "[") ? rest.dropFirst() : rest
        guard let byte = inner.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else { return }
        let begins =
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_-\"']".utf8.contains(byte)
            }
        guard begins else { throw fault("a table's name is expected behind '['") }
    }

    private func fault(_ cause: String) -> TemplateFault { TemplateFault("", "line \(line): \(cause)") }

    /// Takes a string off; how many bytes it has.
    private mutating func skipString(_ quote: UInt8, _ rest: inout ArraySlice<UInt8>) -> Int {
        let before = rest.count
        let isLong = rest.prefix(3).elementsEqual(repeatElement(quote, count: 3))
        rest = rest.dropFirst(isLong ? 3 : 1)
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\n") {
                // A string in one line that has no end: the parser reads no further.
                if !isLong {
                    rest = []
                    break
                }
                line += 1
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                if rest.popFirst() == UInt8(ascii: "\n") { line += 1 }
            } else if byte == quote {
                guard isLong else { break }
                let quotes = 1 + rest.prefix(4).prefix { $0 == quote }.count
                rest = rest.dropFirst(quotes - 1)
                // Two may stand in the text, and two more before the end.
                if quotes >= 3 { break }
            }
        }
        return before - rest.count
    }
}
