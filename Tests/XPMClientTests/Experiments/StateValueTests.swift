import FoundationEssentials
import Testing
import XPMProtocol

@testable import XPMClient

struct StateValueTests {
    @Test func pathsAreMarkedAndTheRestIsJSON() throws {
        let values: [String: any StateValue] = [
            "path": Path("/ws/runs"), "paths": [Path("/a"), "/b"], "nested": ["inner": Path("/c")],
            "file": URL(fileURLWithPath: "/d"),
            "name": "x", "port": 6006, "rate": 0.5, "on": true, "none": String?.none, "page": JSONValue.string("y"),
        ]
        let expected: StateDictionary = [
            "path": ["__path__": "/ws/runs"], "paths": [["__path__": "/a"], ["__path__": "/b"]],
            "nested": ["inner": ["__path__": "/c"]],
            "file": ["__path__": "/d"], "name": "x", "port": 6006, "rate": 0.5, "on": true, "none": .null, "page": "y",
        ]
        #expect(try StateDictionary.encode(values) == expected)
    }

    @Test func whatJSONCannotExpressIsRefused() {
        #expect(failure { try StateDictionary.encode(["rate": Double.nan]) }?.code == .invalidParameters)
        #expect(failure { try StateDictionary.encode(["rates": [1, Double.infinity]]) }?.code == .invalidParameters)
    }

    @Test func reservedKeysAreRefusedAtEveryLevel() throws {
        #expect(failure { try StateDictionary.encode(["__path__": "/x"]) }?.code == .invalidParameters)
        #expect(failure { try StateDictionary.encode(["inner": ["__own": 1]]) }?.data["key"] == "__own")
        #expect(try StateDictionary.encode(["__unserializable__": true, "__reason__": "no"]).members.count == 2)
    }

    @Test func pathsAreJoinedWithOneSlash() {
        #expect((Path("/a") / "b").string == "/a/b")
        #expect((Path("/a/") / "b").string == "/a/b")
    }
}
