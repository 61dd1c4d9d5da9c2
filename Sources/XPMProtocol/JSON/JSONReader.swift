/// Reads one JSON text (RFC 8259) into a tree, strictly: what two readers could understand differently is refused.
///
/// Our own because FoundationEssentials' reader (6.3) traps on `[` repeated 513 times, takes 0.7 s for 800 kB of
/// small values, and lets UTF-16, a byte order mark, trailing commas and doubled keys pass.
struct JSONReader {
    /// Arrays and objects may be nested so deep; the reader recurses, so the stack bounds it.
    static let depthLimit = 128

    private static let decimal = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// Which numbers are taken.
    enum Numbers {
        /// Those that every reader can tell exactly: integers of 64 bits, and what a double holds. One that is whole is an integer.
        case exact
        /// Any, for a text that is carried as it is: none of them becomes another kind of number.
        case anySize
    }

    let bytes: [UInt8]
    var position = 0
    var depth = 0
    private var numbers: Numbers
    /// Whether it may be anybody's text: then no string is taken that is expensive to compare.
    private let isForeign: Bool
    /// The state dictionaries that were met, with the path to each, its last step first.
    private var carried: [(path: [String], text: String)] = []

    init(_ bytes: [UInt8], numbers: Numbers = .exact, isForeign: Bool = false) {
        self.bytes = bytes
        self.numbers = numbers
        self.isForeign = isForeign
    }

    /// Reads the whole of `bytes`, or says in a `parseError` at which byte and why it cannot.
    static func read(
        _ bytes: [UInt8], numbers: Numbers = .exact, isForeign: Bool = false
    ) throws(WireError) -> JSONValue {
        var reader = JSONReader(bytes, numbers: numbers, isForeign: isForeign)
        return try reader.whole()
    }

    /// The same, and the texts that are to be carried as they are, by their paths.
    static func readCarrying(
        _ bytes: [UInt8], isForeign: Bool = false
    ) throws(WireError) -> (value: JSONValue, carried: [[String]: String]) {
        var reader = JSONReader(bytes, isForeign: isForeign)
        let value = try reader.whole()
        let carried = reader.carried.map { ($0.path.reversed() as [String], $0.text) }
        return (value, Dictionary(carried) { first, _ in first })
    }

    private mutating func whole() throws(WireError) -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw fault("unexpected text after the value") }
        return value
    }

    private func fault(_ cause: String) -> WireError {
        WireError(
            .parseError, "cannot read the JSON text at byte \(position): \(cause)",
            data: ["offset": .integer(Int64(position))])
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func value() throws(WireError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || Self.decimal.contains(byte): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("unexpected end, a value is expected")
        default: throw fault("unexpected character")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(WireError) -> JSONValue {
        let end = position + text.utf8CodeUnitCount
        let matches = text.withUTF8Buffer { end <= bytes.count && bytes[position..<end].elementsEqual($0) }
        guard matches else { throw fault("unexpected character") }
        position = end
        return value
    }

    mutating func enter() throws(WireError) {
        depth += 1
        guard depth <= Self.depthLimit else { throw fault("it is nested deeper than \(Self.depthLimit) levels") }
        position += 1
        skipSpace()
    }

    private mutating func array() throws(WireError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            let met = carried.count
            elements.append(try value())
            if carried.count > met { noteCarried(since: met, below: String(elements.count - 1)) }
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw fault("',' or ']' is expected") }
        }
    }

    private mutating func object() throws(WireError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        if take(UInt8(ascii: "}")) { return .object([:]) }
        // Most objects have some members; growing step by step would hash the first ones again and again.
        var members = [String: JSONValue](minimumCapacity: 6)
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault("a name in quotes is expected") }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fault("':' is expected") }
            // Which of two equal names counts is nobody's to guess. Swift's equality ignores Unicode normalisation.
            let met = carried.count
            let value = name == StateDictionary.key ? try carriedValue() : try value()
            noteCarried(since: met, below: name)
            guard members.updateValue(value, forKey: name) == nil else {
                throw fault("the name \(Name.quoted(name)) occurs twice in an object")
            }
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw fault("',' or '}' is expected") }
        }
    }

    /// A value that is checked as all others are, but for the size of its numbers, and kept as a text beside.
    private mutating func carriedValue() throws(WireError) -> JSONValue {
        skipSpace()
        guard numbers == .exact, next == UInt8(ascii: "{") else { return try value() }
        numbers = .anySize
        defer { numbers = .exact }
        let start = position
        let value = try value()
        carried.append(([], String(decoding: bytes[start..<position], as: UTF8.self)))
        return value
    }

    private mutating func noteCarried(since met: Int, below step: String) {
        for place in met..<carried.count { carried[place].path.append(step) }
    }
}

// MARK: Strings

extension JSONReader {
    mutating func string() throws(WireError) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        var text: String?
        if next == UInt8(ascii: "\"") {
            text = String(validating: bytes[start..<position], as: UTF8.self)
        } else {
            text = String(validating: try escapedString(after: bytes[start..<position]), as: UTF8.self)
        }
        guard let text else { throw fault("the string that ends here is not UTF-8") }
        guard !isForeign || CombiningMarks.areBounded(in: text) else {
            throw fault("the string that ends here has more than \(CombiningMarks.limit) combining characters in a row")
        }
        position += 1
        return text
    }

    private mutating func escapedString(after plain: ArraySlice<UInt8>) throws(WireError) -> [UInt8] {
        var unescaped = Array(plain)
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fault("a control character in a string must be escaped") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                unescaped.append(contentsOf: try escape())
            } else {
                unescaped.append(byte)
            }
        }
        guard next != nil else { throw fault("unterminated string") }
        return unescaped
    }

    private mutating func escape() throws(WireError) -> [UInt8] {
        guard let kind = next else { throw fault("unterminated string") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try escapedScalar()).utf8)
        default: throw fault("unknown escape sequence")
        }
    }

    private mutating func escapedScalar() throws(WireError) -> Unicode.Scalar {
        var code = try hexadecimal()
        if UTF16.isLeadSurrogate(UInt16(code)) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fault("unpaired surrogate") }
            let trail = try hexadecimal()
            guard UTF16.isTrailSurrogate(UInt16(trail)) else { throw fault("unpaired surrogate") }
            code = 0x10000 + (code - 0xD800) << 10 + (trail - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("unpaired surrogate") }
        return scalar
    }

    private mutating func hexadecimal() throws(WireError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw fault("expected four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}

// MARK: Numbers

extension JSONReader {
    private mutating func number() throws(WireError) -> JSONValue {
        let start = position
        let negative = take(UInt8(ascii: "-"))
        let first = next
        let whole = try digits()
        guard first != UInt8(ascii: "0") || whole == 1 else { throw fault("a number begins with a superfluous 0") }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            _ = try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            _ = try digits()
        }
        let text = bytes[start..<position]
        if isWhole {
            // Rounding a seed or an id to a double in silence would be worse than refusing it.
            if let value = integer(text.dropFirst(negative ? 1 : 0), negative: negative) { return .integer(value) }
            guard numbers == .anySize else { throw fault("the integer that ends here does not fit into 64 bits") }
        }
        let double = Double(String(decoding: text, as: UTF8.self)) ?? .infinity
        guard numbers == .exact else { return .number(double) }
        guard double.isFinite else { throw fault("the number that ends here is too large") }
        return Int64(exactly: double).map(JSONValue.integer) ?? .number(double)
    }

    private mutating func digits() throws(WireError) -> Int {
        let start = position
        while let byte = next, Self.decimal.contains(byte) { position += 1 }
        guard position > start else { throw fault("expected a digit") }
        return position - start
    }

    private func integer(_ digits: ArraySlice<UInt8>, negative: Bool) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let unit = Int64(digit - UInt8(ascii: "0"))
            let (sum, carried) = negative ? tens.subtractingReportingOverflow(unit) : tens.addingReportingOverflow(unit)
            guard !overflow, !carried else { return nil }
            value = sum
        }
        return value
    }
}
