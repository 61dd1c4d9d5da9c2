import SeededRandom
import Testing
import XPMProtocol

@testable import XPMWeb

struct JSONMembersTests {
    private func read(_ text: String) -> JSONMembers? { JSONMembers(Array(text.utf8)) }

    @Test func membersAreFoundAsTheyAreWritten() throws {
        let members = try #require(
            read(#" { "a" : {"b":[1,"}"]} , "c":-1.50,"d":"x\"y" ,"e":[ ] ,"f":null,"é":true}"#))
        let texts = [
            "a": #"{"b":[1,"}"]}"#, "c": "-1.50", "d": #""x\"y""#, "e": "[ ]", "f": "null",
        ]
        for (name, text) in texts {
            let found: [UInt8]? =
                switch name {
                case "a": members.text("a")
                case "c": members.text("c")
                case "d": members.text("d")
                case "e": members.text("e")
                default: members.text("f")
                }
            #expect(found.map { String(decoding: $0, as: UTF8.self) } == text)
        }
        #expect(members.text("é") == Array("true".utf8))
        #expect(members.text("b") == nil)
        #expect(members.integer("c") == nil)
    }

    @Test(arguments: [
        "", "[]", "{", "{\"a\"}", "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\\", "{a:1}", "{\"a\":1,}", "{\"a\":1 2}",
    ])
    func whatIsNoObjectHasNoMembers(_ text: String) { #expect(read(text) == nil) }

    /// Whatever the bytes are, nothing traps and every place is within them.
    @Test(arguments: 0..<50) func anyBytesAreRead(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let alphabet = Array(#"{}[]",:\ 1ax"#.utf8)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0..<24, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            guard let members = JSONMembers(bytes), let range = members["a"] else { continue }
            #expect(range.lowerBound < range.upperBound && range.upperBound <= bytes.count)
        }
    }
}
