import Testing
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

struct OpenAPITests {
    /// The operations of the document that is served, by their paths and methods.
    private func operations() throws -> [String: JSONValue] {
        let end = try APIFixture().ask("GET", "/api/v1/openapi.json", [], scope: .read)
        #expect(end.answer?.field("content-type") == "application/json")
        let document = try #require(end.answer?.json)
        #expect(document["openapi"]?.text == "3.1.0")
        #expect(document["info"]?["version"]?.text == ProtocolVersion.product)
        guard case .object(let paths)? = document["paths"] else { throw LoopEnded() }
        var operations: [String: JSONValue] = [:]
        for case (let path, .object(let methods)) in paths {
            for (method, operation) in methods { operations["\(method) \(path)"] = operation }
        }
        return operations
    }

    /// Every route is in the document, with its scope, and nothing else is.
    @Test func theDocumentHasTheRoutesAndNoOthers() throws {
        var routes = Dictionary(uniqueKeysWithValues: Verb.all.map { ("post /api/v1/\($0.name)", $0.scope.name) })
        for page in API.Page.allCases { routes["get \(page.path)"] = AccessScope.read.name }
        #expect(try operations().mapValues { $0["x-xpm-scope"]?.text ?? "" } == routes)
    }

    /// A reference that leads nowhere makes a document useless for generators of clients.
    @Test func everyReferenceLeadsSomewhere() throws {
        let document = try Wire.decode(JSONValue.self, from: OpenAPIDocument.text.description.utf8)
        var references: Set<String> = []
        func look(_ value: JSONValue) {
            switch value {
            case .object(let members):
                if let reference = members["$ref"]?.text { references.insert(reference) }
                members.values.forEach(look)
            case .array(let elements): elements.forEach(look)
            default: break
            }
        }
        look(document)
        #expect(references.count > 10)
        for reference in references {
            let found = reference.split(separator: "/").dropFirst().reduce(Optional(document)) { $0?[String($1)] }
            #expect(found != nil, "\(reference)")
        }
    }
}
