import Testing

@testable import XPMProtocol

/// What is stated in `protocol/` outside the code is held to the code here.
@Suite struct SpecificationTests {
    @Test func errorTableIsTheCodes() throws {
        let rows = try ProtocolFolder.table(headed: "code").map { Array($0.prefix(3)) }
        #expect(rows == ErrorCode.allCases.map { [$0.rawValue, "\($0.number)", "\($0.exitCode)"] })
    }

    @Test func methodTableIsTheMethods() throws {
        let rows = try ProtocolFolder.table(headed: "method")
        #expect(rows.map { $0[0] } == MethodKind.all.map(\.name))
    }

    /// What the table calls repeatable may be given up all the same; the other way round something would be done twice.
    @Test func whatMayNotBeDoneTwiceIsNotRepeatable() throws {
        for row in try ProtocolFolder.table(headed: "method") where row.last == "no" {
            #expect(try !MethodKind.named(row[0]).isRepeatable, "\(row[0])")
        }
    }

    @Test func everyMethodHasItsSection() throws {
        let text = try ProtocolFolder.text("protocol/README.md")
        for method in MethodKind.all where method.name != Hello.name {
            #expect(text.contains("\n### \(method.name)\n"), "\(method.name)")
        }
    }

    @Test func listOfMethodsIsThatOfTheSources() throws {
        let folder = "Sources/XPMProtocol/Methods"
        let declared = try ProtocolFolder.files(in: folder).flatMap { file in
            try ProtocolFolder.text("\(folder)/\(file)").matches(of: /public struct (\w+): Method\b/).map { "\($0.1)" }
        }
        #expect(Set(declared) == Set(MethodKind.all.map(\.typeName)))
    }

    @Test func stateTableIsTheStates() throws {
        #expect(try ProtocolFolder.table(headed: "state").map { $0[0] } == ServiceState.allCases.map(\.rawValue))
    }

    @Test func eventTableIsTheKinds() throws {
        let kinds = try ProtocolFolder.table(headed: "kind").map { $0[0] }
        // The first table of that heading is that of runs.
        #expect(kinds == ["command", "template", "recreate", "composite", "hosted"])
        let events = try ProtocolFolder.text("protocol/README.md").matches(
            of: /\n\| `([a-z]+\.[a-z]+|gap)` \| [^|\n]*\|(?=\n)/)
        #expect(events.map { "\($0.1)" } == EventRecord.Kind.allCases.map(\.rawValue))
    }

    @Test func goalTableIsTheGoals() throws {
        #expect(try ProtocolFolder.table(headed: "goal").map { $0[0] } == WaitService.Goal.allCases.map(\.rawValue))
    }

    @Test func frameTableIsTheLimits() throws {
        let limits = try ProtocolFolder.table(headed: "frame").map { $0[1] }
        #expect(limits == ["\(Frame.requestLimit)", "\(Frame.replyLimit)"])
    }

    @Test func limitTableIsTheLimits() throws {
        let rows = try ProtocolFolder.table(headed: "limit of").map { Array($0.prefix(2)) }
        #expect(rows == Limit.all.map { [$0.subject, "\($0.most) \($0.unit)"] })
    }

    @Test func depthIsTheReaders() throws {
        #expect(try ProtocolFolder.text("protocol/README.md").contains("at most \(JSONReader.depthLimit) levels"))
    }

    @Test func versionTableEndsWithTheNewest() throws {
        #expect(try ProtocolFolder.table(headed: "version").last?.first == "\(ProtocolVersion.newest)")
    }

    @Test func recordTableIsTheRecord() throws {
        let rows = try ProtocolFolder.table(headed: "key").map { $0[0] }
        let keys = rows.flatMap { $0.split(separator: ", ").map(String.init) }
        let page = try #require(Vector.all.first { $0.name == "a_page_with_usage" })
        guard case .object(let response) = page.json, case .object(let result)? = response["result"],
            case .array(let services)? = result["services"]
        else {
            Issue.record("the vector a_page_with_usage is no page")
            return
        }
        // Each of them has all that applies to it.
        let members = services.reduce(into: Set<String>()) { keys, service in
            if case .object(let record) = service { keys.formUnion(record.keys) }
        }
        #expect(Set(keys) == members)
        #expect(keys.count == members.count)
    }

    @Test func conversationIsOne() throws {
        let text = try ProtocolFolder.text("protocol/README.md")
        var methods: [RequestID: MethodKind] = [:]
        var lines = 0
        for match in text.matches(of: /\n(→|←) (\{.*\})(?=\n)/) {
            lines += 1
            let payload = Array(match.2.utf8)
            let head = try Wire.decode(Head.self, from: payload)
            let rewritten: [UInt8]
            if match.1 == "→" {
                let method = try MethodKind.named(head.method)
                methods[try #require(head.id)] = method
                // A request may name its service by a string, which types write as an object.
                _ = try method.rewriteRequest(payload)
                rewritten = try Wire.encode(try Wire.decode(JSONValue.self, from: payload))
            } else if let id = head.id {
                let asked = methods.removeValue(forKey: id)
                rewritten = try #require(asked).rewriteResponse(payload)
            } else {
                rewritten = try rewrite(EventNotification.self, payload)
            }
            #expect(rewritten == payload, "\(match.2)")
        }
        #expect(lines == 19)
        #expect(methods.isEmpty, "every request has its reply")
    }

    private struct Head: Decodable {
        var id: RequestID?
        var method: String?
    }

    @Test(arguments: MethodKind.all) func everyMethodHasASchema(method: MethodKind) throws {
        let schema = try Wire.decode(Schema.self, from: ProtocolFolder.bytes("protocol/schema/\(method.name).json"))
        #expect(schema.title == method.name)
        #expect(Set(schema.definitions.keys) == ["params", "result"])
    }

    @Test func everySchemaIsOfAMethodOrShared() throws {
        let shared = ["envelope.json", "error.json", "event.json", "types.json"]
        #expect(
            Set(try ProtocolFolder.files(in: "protocol/schema"))
                == Set(MethodKind.all.map { "\($0.name).json" } + shared))
    }

    @Test func schemasListTheSameStatesAndModes() throws {
        let types = try Wire.decode(Schema.self, from: ProtocolFolder.bytes("protocol/schema/types.json")).definitions
        #expect(types["state"] == ["enum": .array(ServiceState.allCases.map { .string($0.rawValue) })])
        #expect(types["runMode"] == ["enum": .array(RunMode.allCases.map { .string($0.rawValue) })])
    }

    private struct Schema: Decodable {
        var title: String
        var definitions: [String: JSONValue]

        private enum CodingKeys: String, CodingKey {
            case title
            case definitions = "$defs"
        }
    }
}
