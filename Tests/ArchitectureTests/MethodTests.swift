import Testing

/// A method is one word everywhere: type, handler, verb, row of the specification, schema.
@Suite struct MethodTests {
    /// What no verb of xpmctl asks for by itself, and who does.
    private static let withoutVerb = [
        "Hello": "every connection, before its first request",
        "CloseExperiment": "an experiment, at its end",
        "NotifyHosted": "the client that hosts a service",
        "EndHosted": "the client that hosts a service",
        "ReportActivity": "whoever carries a service's traffic, such as xpm-web",
        "SubscribeEvents": "the client's reader of events, for `xpmctl events`",
    ]

    @Test func methodsAreFound() throws {
        #expect(try ProtocolMethod.all().contains { $0.type == "StartService" && $0.name == "service.start" })
    }

    @Test func everyMethodHasAFileAHandlerAndAPlaceInTheTable() throws {
        let table = try Repository.text("Sources/XPMDaemon/Handlers/HandlerTable+All.swift")
        for method in try ProtocolMethod.all() {
            #expect(Repository.exists("Sources/XPMProtocol/Methods/\(method.type).swift"), "\(method.type)")
            #expect(Repository.exists("Sources/XPMDaemon/Handlers/\(method.type)Handler.swift"), "\(method.type)")
            #expect(table.contains("table.on(\(method.type).self)"), "\(method.name) has no handler")
        }
    }

    @Test func theTableHasNothingButMethods() throws {
        let table = try Repository.text("Sources/XPMDaemon/Handlers/HandlerTable+All.swift")
        let handled = table.matches(of: /table\.on\((\w+)\.self\)/).map { String($0.1) }
        #expect(handled.sorted() == (try ProtocolMethod.all().map(\.type).sorted()))
    }

    @Test func everyMethodIsAskedForByAVerb() throws {
        let verbs = try Repository.files(in: "Sources/XPMCommands").map(Repository.text).joined()
        for method in try ProtocolMethod.all() {
            let isUsed = verbs.contains("\(method.type)(")
            #expect(
                isUsed != (Self.withoutVerb[method.type] != nil),
                "\(method.name) is \(isUsed ? "" : "not ")asked for by xpmctl")
        }
    }

    @Test func everyMethodHasARowInTheSpecification() throws {
        let rows = try Repository.lines("protocol/README.md").filter { $0.hasPrefix("|") }
        for method in try ProtocolMethod.all() {
            let count = rows.filter { $0.hasPrefix("| `\(method.name)` |") }.count
            #expect(count == 1, "protocol/README.md has \(count) rows of \(method.name)")
        }
    }

    @Test func everyMethodHasASchemaAndEverySchemaAMethod() throws {
        // What is shared by all methods, or sent without being asked for.
        let shared: Set = ["envelope", "error", "event", "types"]
        let schemas = try Repository.files(in: "protocol/schema", suffix: ".json").map { file in
            String(file.dropFirst("protocol/schema/".count).dropLast(".json".count))
        }
        #expect(Set(schemas).subtracting(shared) == Set(try ProtocolMethod.all().map(\.name)))
    }
}
