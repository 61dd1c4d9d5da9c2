import Glibc
import Testing
import XPMProtocol

@testable import XPMWeb

struct DocumentationTests {
    /// The tables of docs/http-api.md say what the code does.
    @Test func theTablesAreTrue() throws {
        let text = try #require(ProtocolFolder.text(of: "../docs/http-api.md"))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|").map { $0.drop { $0 == " " } }
        }
        for code in ErrorCode.allCases {
            let row = rows.first { $0[0].hasPrefix("\(code.status) ") }
            #expect(row?[1].contains("`\(code.rawValue)`") == true, "\(code.rawValue) is \(code.status)")
        }
        for scope in [AccessScope.read, .control] {
            let row = rows.first { $0[0].hasPrefix("`\(scope.name)`") }
            for verb in Verb.all where verb.scope == scope {
                #expect(row?[1].contains("`\(verb.name)`") == true, "\(verb.name) needs \(scope.name)")
            }
        }
        for page in API.Page.allCases { #expect(text.contains("GET \(page.path)")) }
    }
}
