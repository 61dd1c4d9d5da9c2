import Testing

@testable import XPMProtocol

@Suite struct StateDictionaryTests {
    private static let texts = [
        "{}", "{ }", #"{"b":1,"a":2}"#, #"{"x":1.0}"#, #"{"x":-0.0}"#, #"{"x":1.10}"#, #"{"x":1e400,"y":-1E+999}"#,
        #"{"x":1000000000000000000000000000000}"#, #"{"x":-9223372036854775809}"#, #"{"x":1e-400}"#,
        "{\n  \"x\": [\n    1.50\n  ]\n}", #"{"\u00e9":"\/\ud83d\ude00"}"#, #"{"state_dict":{"state_dict":1.0}}"#,
        #"{"p":{"__path__":"/x"},"list":[{"deep":0.10}]}"#,
    ]

    private func request(_ text: String) -> [UInt8] {
        Array(
            #"{"id":1,"jsonrpc":"2.0","method":"service.add","params":{"definition":{"class":"m.C","run":{"kind":"composite"},"state_dict":\#(text)},"experiment":"e","id":"v","run":"r","sub_services":[{"definition":{"run":{"kind":"recreate"},"state_dict":\#(text)},"id":"s"}],"workspace":"/w"}}"#
                .utf8)
    }

    /// A name that is written in another way is found, one inside a value is none.
    @Test func valuesAreFoundByNames() throws {
        let flag = JSONValue.bool(true)
        for text in [#"{"__a__":true}"#, #"{"\u005f_a__":true,"b":1}"#, #"{"_":0,"___":1,"x":"__a","__a__":true}"#] {
            #expect(try StateDictionary(reading: text.utf8)["__a__"] == flag)
        }
        for text in ["{}", #"{"b":"__a__"}"#, #"{"b":{"__a__":true}}"#, #"{"__a":true}"#, #"{"b":"\\__a__"}"#] {
            #expect(try StateDictionary(reading: text.utf8)["__a__"] == nil)
        }
    }

    /// Bytes are compared in pieces.
    @Test(arguments: 0..<20) func oneByteMakesAnother(length: Int) throws {
        let start = #"{"a":""# + String(repeating: "x", count: length)
        let dictionaries = try ["1", "2", "\u{e9}", "e\u{301}"].map {
            try StateDictionary(reading: (start + $0 + #""}"#).utf8)
        }
        for (place, left) in dictionaries.enumerated() {
            for (other, right) in dictionaries.enumerated() { #expect((left == right) == (place == other)) }
        }
    }

    @Test(arguments: texts) func isCarriedAsItWasWritten(text: String) throws {
        let bytes = request(text)
        let read = try Wire.decode(Request<AddService>.self, from: bytes)
        #expect(read.params.definition.stateDict?.text == text)
        #expect(read.params.subServices?.first?.definition.stateDict?.text == text)
        #expect(try Wire.encode(read) == bytes)
        // On record, and read again.
        let saved = try Wire.encode(read.params.definition)
        #expect(try Wire.decode(ServiceDefinition.self, from: saved).stateDict?.text == text)
    }

    @Test(arguments: [
        "[]", "1", #""x""#, "{", #"{"x":NaN}"#, #"{"x":Infinity}"#, #"{"x":01}"#, #"{"x":1,"x":2}"#, #"{"x":"\ud800"}"#,
        #"{"x":1.}"#, #"{"x":+1}"#, "{\"x\":\"\n\"}", #"{"x":1,}"#,
    ])
    func whatIsNoObjectOfJSONIsRefused(text: String) {
        #expect(throws: (any Error).self) { try Wire.decode(Request<AddService>.self, from: request(text)) }
        #expect(throws: WireError.self) { try StateDictionary(reading: text.utf8) }
    }

    @Test func depthIsThatOfTheWholeText() throws {
        func nested(_ levels: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1) + "}"
        }
        // Around it are the request, its parameters and the definition; its sub-service's is deeper.
        #expect(throws: Never.self) { try Wire.decode(Request<AddService>.self, from: request(nested(123))) }
        #expect(throws: WireError.self) { try Wire.decode(Request<AddService>.self, from: request(nested(124))) }
    }

    @Test(arguments: [
        (#"{"a":1,"b":2}"#, #" { "b" : 2 , "a" : 1 } "#, true), (#"{"a":"\u00e9\/"}"#, #"{"a":"é/"}"#, true),
        (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#, false), (#"{"a":1.0}"#, #"{"a":1}"#, false),
        (#"{"a":-0.0}"#, #"{"a":0.0}"#, false), (#"{"a":1.10}"#, #"{"a":1.1}"#, false),
        (#"{"a":1e400}"#, #"{"a":1e401}"#, false), (#"{"a":{"y":[],"x":{}}}"#, #"{"a":{"x":{},"y":[]}}"#, true),
        // One letter, composed in two ways: two names to a file system.
        ("{\"a\":\"\u{e9}\"}", "{\"a\":\"e\u{301}\"}", false),
    ])
    func isTheSameWhereAClassWouldGetTheSame(left: String, right: String, isSame: Bool) throws {
        let (left, right) = (try StateDictionary(reading: left.utf8), try StateDictionary(reading: right.utf8))
        #expect((left == right) == isSame)
        if isSame { #expect(left.hashValue == right.hashValue) }
    }

    @Test func valuesOfAProgramAreWrittenAsWhatTheyAre() throws {
        let state = try StateDictionary(["i": 1, "f": .number(1), "z": .number(-0.0), "e": .number(1e21), "n": .null])
        #expect(state.text == #"{"e":1e+21,"f":1.0,"i":1,"n":null,"z":-0.0}"#)
        #expect(state["f"] == .number(1) && state["i"] == .integer(1))
        #expect(throws: WireError.self) { try StateDictionary(["x": .number(.nan)]) }
    }

    /// The name is only one of a definition: elsewhere it is like any other.
    @Test func otherValuesOfThatNameAreReadAsWhatTheyAre() throws {
        let text =
            #"{"environment":{"state_dict":"x"},"run":{"kind":"template","parameters":{"state_dict":1.0},"template":"t"}}"#
        let definition = try Wire.decode(ServiceDefinition.self, from: text.utf8)
        #expect(definition.environment == ["state_dict": "x"] && definition.stateDict == nil)
        let value = try Wire.decode(JSONValue.self, from: #"{"state_dict":{"a":1}}"#.utf8)
        #expect(value == ["state_dict": ["a": 1]])
        #expect(throws: WireError.self) { try Wire.decode(JSONValue.self, from: #"{"a":1e400}"#.utf8) }
    }
}
