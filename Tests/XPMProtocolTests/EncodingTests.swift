import FoundationEssentials
import SeededRandom
import Testing
import XPMProtocol

/// What the encoder writes for values that no vector has; FoundationEssentials' encoder is the oracle.
@Suite struct EncodingTests {
    @Test(arguments: UInt64(1)...16) func randomTreesAreWrittenAsByTheOracle(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let oracle = JSONEncoder()
        oracle.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for _ in 0..<200 {
            // The oracle writes a bare value at the top too, but a protocol's text is an object.
            let value: [String: JSONValue] = ["value": generator.tree(depth: 4)]
            let written = String(decoding: try Wire.encode(value), as: UTF8.self)
            #expect(written == String(decoding: try oracle.encode(value), as: UTF8.self), "seed \(seed)")
        }
    }

    /// Wherever it stands, for texts are looked through in pieces.
    @Test(arguments: 0..<40) func whatMustBeEscapedIsAtEveryPlace(place: Int) throws {
        let oracle = JSONEncoder()
        oracle.outputFormatting = [.withoutEscapingSlashes]
        for scalar in ["\u{0}", "\u{1f}", " ", "!", "\"", "#", "[", "\\", "]", "\u{7f}", "é", "\u{800}", "\u{1f600}"] {
            let text = String(repeating: "x", count: place) + scalar + String(repeating: "ü", count: 19 - place / 2)
            let written = String(decoding: try Wire.encode([text, scalar + text + scalar]), as: UTF8.self)
            #expect(written == String(decoding: try oracle.encode([text, scalar + text + scalar]), as: UTF8.self))
        }
    }

    @Test func integersOfEveryWidthKeepTheirValue() throws {
        struct Widths: Encodable {
            var a = Int8.min
            var b = Int16.min
            var c = Int32.min
            var d = Int64.min
            var e = UInt8.max
            var f = UInt16.max
            var g = UInt32.max
            var h = UInt64.max
            var i = Int.max
            var j = UInt.min
        }
        let expected =
            #"{"a":-128,"b":-32768,"c":-2147483648,"d":-9223372036854775808,"e":255,"f":65535,"g":4294967295,"#
            + #""h":18446744073709551615,"i":9223372036854775807,"j":0}"#
        #expect(try Wire.encode(Widths()) == Array(expected.utf8))
    }

    @Test func containersThatAreFilledLaterAreInTheirPlace() throws {
        struct Nested: Encodable {
            enum Keys: String, CodingKey { case list, object, parent }
            func encode(to encoder: any Encoder) throws {
                var top = encoder.container(keyedBy: Keys.self)
                var object = top.nestedContainer(keyedBy: Keys.self, forKey: .object)
                var list = top.nestedUnkeyedContainer(forKey: .list)
                try object.encode(1, forKey: .parent)
                try list.encode(2)
                var inner = list.nestedUnkeyedContainer()
                try list.encodeNil()
                try inner.encode("late")
                try "up".encode(to: top.superEncoder(forKey: .parent))
            }
        }
        let expected = #"{"list":[2,["late"],null],"object":{"parent":1},"parent":"up"}"#
        #expect(try String(decoding: Wire.encode(Nested()), as: UTF8.self) == expected)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func numbersThatJSONLacksAreRefusedWithTheirPlace(
        number: Double
    ) {
        let error = #expect(throws: EncodingError.self) { try Wire.encode(["seeds": [1.5, number]]) }
        guard case .invalidValue(_, let context) = error else {
            Issue.record("it was \(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["seeds", "1"])
    }
}

extension SeededRandom {
    /// A JSON value of chance.
    fileprivate mutating func tree(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2: return .integer(Int64(bitPattern: next()) >> Int64.random(in: 0..<64, using: &self))
        case 3: return .number(number())
        case 4: return .string(text())
        case 5: return .array((0..<Int.random(in: 0..<4, using: &self)).map { _ in tree(depth: depth - 1) })
        default:
            let members = (0..<Int.random(in: 0..<5, using: &self)).map { _ in (text(), tree(depth: depth - 1)) }
            return .object(Dictionary(members) { first, _ in first })
        }
    }

    private mutating func number() -> Double {
        let scale = Int.random(in: -300...300, using: &self)
        let value = Double(sign: .plus, exponent: scale, significand: Double.random(in: 1..<2, using: &self))
        let values = [value, value.rounded(), Double(scale), Double(scale) / 4, 1e16, 0.1, 0]
        return (values.randomElement(using: &self) ?? 0) * (Bool.random(using: &self) ? 1 : -1)
    }

    private mutating func text() -> String {
        // No composed characters: the oracle sorts by what they look like.
        let alphabet = "ab/\"\\\u{0}\u{8}\u{9}\u{a}\u{c}\u{d}\u{1f}\u{7f}ßж日𝄞".unicodeScalars.map(Character.init)
        return String(
            (0..<Int.random(in: 0..<6, using: &self)).map { _ in alphabet.randomElement(using: &self) ?? "a" })
    }
}
