import Testing
import XPMProtocol

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue { try Wire.decode(JSONValue.self, from: text.utf8) }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")]) func nestingOver128LevelsIsRefused(open: String, close: String)
        throws
    {
        func text(_ levels: Int) -> String {
            String(repeating: open, count: levels) + (open == "[" ? "" : "1") + String(repeating: close, count: levels)
        }
        let deepest = try read(text(128))
        #expect(try Wire.encode(deepest) == Array(text(128).utf8))
        for levels in [129, 512, 513, 500_000] {
            #expect(throws: WireError.self, "\(levels) levels") { try read(text(levels)) }
            #expect(throws: WireError.self, "\(levels) levels, never closed") {
                try read(String(repeating: open, count: levels))
            }
        }
    }

    @Test func nestingInAnIgnoredFieldIsRefusedToo() {
        let text = "{\"ignored\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}"
        #expect(throws: WireError.self) { try Wire.decode(Empty.self, from: text.utf8) }
    }

    /// Swift takes time that grows with the square of a row to compare it.
    @Test func rowsOfCombiningCharactersAreBoundedInForeignTexts() throws {
        func row(_ count: Int, escaped: Bool = false) -> String {
            let marks = escaped ? [#"\u0301"#, #"\u0323"#] : ["\u{301}", "\u{323}"]
            return String(repeating: "x", count: 100) + (0..<count).map { marks[$0 % 2] }.joined()
        }
        func foreign(_ text: String) throws -> JSONValue {
            try Wire.decode(JSONValue.self, from: text.utf8, foreign: true)
        }
        for escaped in [false, true] {
            for text in ["\"\(row(30, escaped: escaped))\"", "{\"\(row(30, escaped: escaped))\":1}"] {
                _ = try foreign(text)
            }
            for text in ["\"\(row(31, escaped: escaped))\"", "[{\"\(row(31, escaped: escaped))\":1}]"] {
                let refusal = #expect(throws: WireError.self) { try foreign(text) }
                #expect(refusal?.code == .parseError)
                // One's own are read, whatever is in them.
                _ = try read(text)
            }
        }
        _ = try foreign("\"\(String(repeating: row(30) + "-", count: 100))\"")
        // Letters, and marks that are in order wherever they stand.
        _ = try foreign("\"\(String(repeating: "\u{1100}\u{1161}\u{11a8}漢é", count: 100))\"")
    }

    @Test func neighboursDoNotAddToTheDepth() throws {
        let text = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
        #expect(try Wire.encode(try read(text)) == Array(text.utf8))
    }

    @Test func everyPrefixOfATextIsRefused() throws {
        let text = Array(#"{"a":[1.5e3,-0.25,true,false,null,"x\u00e9\n\ud83d\ude00é"],"b":{}}"#.utf8)
        _ = try Wire.decode(JSONValue.self, from: text)
        for count in 0..<text.count {
            #expect(throws: WireError.self, "\(count) bytes") {
                try Wire.decode(JSONValue.self, from: text.prefix(count))
            }
        }
    }

    @Test func refusalNamesTheByteAndTheCause() throws {
        let refusal = #expect(throws: WireError.self) { try read("[1,]") }
        #expect(refusal?.code == .parseError)
        #expect(refusal?.message == "cannot read the JSON text at byte 3: unexpected character")
        #expect(refusal?.data["offset"] == 3)
    }

    @Test(arguments: [
        ("9223372036854775807", JSONValue.integer(.max)), ("-9223372036854775808", .integer(.min)), ("-0", 0), ("0", 0),
        ("1.0", 1), ("-1e0", -1), ("1E+2", 100), ("0.1", 0.1), ("1e19", 1e19), ("-1e-7", -1e-7),
        ("5e-324", .number(.leastNonzeroMagnitude)),
        ("1e-400", 0),
    ]) func numbersAreExact(text: String, value: JSONValue) throws {
        #expect(try read(text) == value)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "1e309", "-1e309", "1" + String(repeating: "0", count: 400),
    ])
    func numbersThatDoNotFitAreRefused(text: String) {
        #expect(throws: WireError.self) { try read(text) }
    }

    @Test(arguments: [
        #"{"since":"0"}"#, #"{"since":1.5}"#, #"{"since":true}"#, #"{"since":[]}"#, #"{"since":{}}"#,
    ]) func wrongTypeNamesItsPath(text: String) throws {
        let fault = #expect(throws: DecodingError.self) { try Wire.decode(SubscribeEvents.self, from: text.utf8) }
        guard case .typeMismatch(_, let context)? = fault else {
            Issue.record("\(String(describing: fault)) is no mismatch")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["since"])
    }

    @Test func valueOutOfRangeNamesItsPath() throws {
        let text = #"{"id":1,"result":{"service":{"code":3000000000,"at":"2026-11-22T10:15:00Z"}}}"#
        let fault = #expect(throws: DecodingError.self) {
            try Wire.decode(Response<[String: ExitReport]>.self, from: text.utf8)
        }
        guard case .dataCorrupted(let context)? = fault else {
            Issue.record("\(String(describing: fault)) is not out of range")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["result", "service", "code"])
    }

    @Test func elementOutOfPlaceNamesItsIndex() throws {
        let text = #"{"kind":"command","arguments":["a","b",3]}"#
        let fault = #expect(throws: DecodingError.self) { try Wire.decode(Run.self, from: text.utf8) }
        guard case .typeMismatch(_, let context)? = fault else {
            Issue.record("\(String(describing: fault)) is no mismatch")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["arguments", "2"])
    }

    @Test func notANumberCannotBeWritten() {
        #expect(throws: (any Error).self) { try Wire.encode(JSONValue.number(.nan)) }
        #expect(throws: (any Error).self) { try Wire.encode(JSONValue.number(.infinity)) }
    }
}
