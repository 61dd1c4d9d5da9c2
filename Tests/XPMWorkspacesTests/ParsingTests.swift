import Testing
import WorkspaceFixture
import XPMProtocol

@testable import XPMWorkspaces

@Suite struct ParsingTests {
    @Test func objectIsCutIntoItsMembers() throws {
        let text = #" { "a" : [1, {"b": "]}"}], "c\"d":"x\\", "n": NaN, "z":{} } "#
        let members = try #require(JSONMembers(Array(text.utf8)))
        #expect(
            members.members.map { String(decoding: $0.name, as: UTF8.self) } == [#""a""#, #""c\"d""#, #""n""#, #""z""#])
        #expect(
            members.members.map { String(decoding: $0.value, as: UTF8.self) } == [
                #"[1, {"b": "]}"}]"#, #""x\\""#, "NaN", "{}",
            ])
        #expect(members.text("a") == nil)
    }

    @Test func everyTornObjectIsRefused() {
        let text = Array(Written.status("running", Written.service("board")).utf8)
        #expect(JSONMembers(text) != nil)
        for length in 0..<text.count { #expect(JSONMembers(text[..<length]) == nil, "cut at \(length)") }
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(#"{}[]":,\ "ab0-"#.utf8)
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            if let members = JSONMembers(text) {
                for (name, value) in members.members { _ = (JSONMembers.text(name), JSONMembers.value(value)) }
            }
            _ = try? ServiceAddition(text[...])
            _ = StatusFile(text)
        }
    }

    @Test func statusFileTellsWhatIsLookedFor() throws {
        let text = Written.status(
            "done", Written.service("board", state: #"{"path":{"__path__":"/w/runs"},"n":[1]}"#), events: 3)
        let status = try #require(StatusFile(Array(text.utf8)))
        #expect(status.status == .done && status.eventsCount == 3 && status.hostname == "vm")
        #expect(status.endedAt == nil)
        let service = try #require(status.services.first)
        #expect(service.id == "board" && service.className == "m.Board" && service.description == "A board")
        #expect(service.stateDict == ["path": ["__path__": "/w/runs"], "n": [1]])
        #expect(service.parts.isEmpty && service.isStartable && service.logFolder == nil)
    }

    /// Python writes `1.0` and integers of any size; the class is to get what its experiment wrote.
    @Test func stateIsKeptAsItIsWritten() throws {
        let state = #"{"z": 1.0, "a": [-0.0, 1.10, 1000000000000000000000000000000], "e": "\u00e9"}"#
        let status = try #require(
            StatusFile(Array(Written.status("done", Written.service("board", state: state)).utf8)))
        #expect(status.services.first?.stateDict.text == state)
        let line = Array(Written.event("lab", state: state).utf8.dropLast())[...]
        #expect(try ServiceAddition(line)?.service.stateDict.text == state)
    }

    @Test func oneBadServiceCostsNoOther() throws {
        let text = Written.status(
            "done", Written.service("a:b"), Written.service("nan", state: #"{"x":NaN}"#),
            #""odd":{"class":7}"#, #""list":[]"#, Written.service("fine"))
        let status = try #require(StatusFile(Array(text.utf8)))
        #expect(status.services.map(\.id) == ["nan", "fine"])
        #expect(status.services[0].stateDict["__unserializable__"] == true)
        #expect(status.omissions.count == 2)
    }

    @Test func hugeStateIsListedAndCannotBeMadeAgain() throws {
        let huge = String(repeating: "x", count: FoundService.entryLimit)
        let status = try #require(
            StatusFile(Array(Written.status("done", Written.service("big", state: #"{"x":"\#(huge)"}"#)).utf8)))
        #expect(status.services.first?.stateDict["__unserializable__"] == true)
    }

    /// What is around a state must not make it one that cannot be read: a saved definition, and a reply with it.
    @Test(arguments: [1, 120, 121, 127, 128, 129, 5000])
    func deepStateIsListedAndCannotBeMadeAgain(_ levels: Int) throws {
        let state =
            #"{"a":"# + String(repeating: "[", count: levels - 1) + "1" + String(repeating: "]", count: levels - 1)
            + "}"
        let status = try #require(
            StatusFile(Array(Written.status("done", Written.service("deep", state: state)).utf8)))
        let service = try #require(status.services.first)
        #expect((service.stateDict["__unserializable__"] == true) == (levels > FoundService.depthLimit))
        let reply: JSONValue = ["result": ["definition": ["run": ["state_dict": .object(service.stateDict.members)]]]]
        #expect(throws: Never.self) { try Wire.decode(JSONValue.self, from: Wire.encode(reply)) }
    }

    @Test(arguments: [("board", "board"), ("\u{e9}", "e\u{301}")])
    func ofServicesOfOneNameTheFirstIsListed(_ first: String, _ second: String) throws {
        let text = Written.status(
            "running", Written.service(first, state: #"{"a":1}"#), Written.service(second, state: #"{"a":2}"#))
        let status = try #require(StatusFile(Array(text.utf8)))
        #expect(status.services.map(\.stateDict) == [["a": 1]])
        #expect(status.omissions.map(\.reason) == ["cannot list the service \(Name.quoted(second)) twice"])
    }

    @Test func serviceWhoseNameIsNoTextIsToldOf() throws {
        let text = Written.status("done", Written.service("board"), Written.service(#"\ud800"#))
        let status = try #require(StatusFile(Array(text.utf8)))
        #expect(status.services.map(\.id) == ["board"])
        #expect(status.omissions.map(\.reason) == [#"cannot list the service "\ud800": it is not text"#])
    }

    @Test func partsAreThoseThatAreNotTheServiceItself() throws {
        let own = #",{"service_id":"board","description":"","state":"STOPPED","url":null}"#
        func parts(_ more: String) throws -> FoundService {
            let extra =
                #","subservices":[{"service_id":"wandb","description":"Sync","state":"STOPPED","url":null}\#(more)]"#
            return try #require(
                StatusFile(Array(Written.status("done", Written.service("board", extra: extra)).utf8))?.services.first)
        }
        #expect(try parts("").parts.map(\.id) == ["wandb"])
        #expect(try parts("").isStartable == false)
        #expect(try parts(own).parts.map(\.description) == ["Sync"])
        #expect(try parts(own).isStartable)
    }

    @Test func eventLineIsReadAndOthersAreNot() throws {
        let line = Array(Written.event("lab", state: #"{"a":1}"#).utf8.dropLast())[...]
        let addition = try #require(try ServiceAddition(line))
        #expect(addition.service.id == "lab" && addition.service.stateDict == ["a": 1] && addition.run.isEmpty)
        #expect(try ServiceAddition(line.dropLast()) == nil)
        #expect(try ServiceAddition(Array(#"{"event_type":"RunCompletedEvent"}"#.utf8)[...]) == nil)
        // The words in a description make no event.
        #expect(try ServiceAddition(Array(#"{"service_id":"x","d":"ServiceAddedEvent"}"#.utf8)[...]) == nil)
    }

    @Test(arguments: [
        (#"{"p":{"__path__":"/w/experiments/other/r/x"}}"#, true), (#"{"p":{"__path__":"/w/experiments/e/r"}}"#, false),
        (#"{"p":[{"q":{"__path__":"/w/experiments/e-b/r"}}]}"#, true),
        (#"{"p":{"__path__":"/w/experiments2/o"}}"#, false),
        (#"{"p":{"__path__":"/elsewhere"}}"#, false), (#"{"p":{"__path__":"/w/experiments"}}"#, false), ("{}", false),
    ])
    func stateOfAnotherExperimentIsForeign(_ state: String, _ isForeign: Bool) throws {
        let dictionary = try StateDictionary(reading: state.utf8)
        #expect(ServiceAddition.isForeign(dictionary, experiments: "/w/experiments", experiment: "e") == isForeign)
    }

    @Test func eventFileBelongsToTheLongestName() {
        #expect(EventFileName("exp-b-0.jsonl") == EventFileName("exp-b-0.jsonl"))
        #expect(EventFileName("exp-b-0.jsonl")?.experiment == "exp-b")
        #expect(EventFileName("exp-12.jsonl")?.number == 12)
        for name in [
            "exp.jsonl", "exp-.jsonl", "-0.jsonl", "exp-a.jsonl", "exp-0.json", "exp-99999999999999999999.jsonl",
        ] {
            #expect(EventFileName(name) == nil, "\(name)")
        }
    }

    @Test func runsAreInTheOrderOfTheirStart() {
        let names = ["20261122_124841.10", "20261122_124841.2", "20261122_124841", "20261121_235959"]
        #expect(names.sorted { RunOrder($0) < RunOrder($1) } == names.reversed())
        #expect(names.allSatisfy(RunOrder.isRun))
        for name in [
            "20261122", "2026112a_124841", "20261122-124841", "20261122_124841.", "20261122_124841.x", "notes", "",
        ] {
            #expect(!RunOrder.isRun(name), "\(name)")
        }
    }

    @Test func localTimesAreReadAsPythonWritesThem() throws {
        let base = try #require(LocalTime.parse("2026-11-22T12:48:41"))
        #expect(LocalTime.parse("2026-11-22T12:48:41.173670")?.milliseconds == base.milliseconds + 173)
        #expect(LocalTime.parse("2026-11-22T12:48:41.5")?.milliseconds == base.milliseconds + 500)
        #expect(LocalTime.ofRun("20261122_124841.3") == base)
        for text in [
            "", "2026-11-22", "2026-11-22 12:48:41", "2026-13-22T12:48:41", "2026-11-22T12:48:41.",
            "x026-11-22T12:48:41",
        ] {
            #expect(LocalTime.parse(text) == nil, "\(text)")
        }
    }
}
