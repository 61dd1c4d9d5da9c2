import Testing

@testable import XPMTemplates

@Suite struct TOMLLinesTests {
    @Test(arguments: ["\n", "\r\n"]) func keysAreFoundByAnyLineEnd(end: String) {
        let text = ["a = 1", "[python]", "attach = 7"].joined(separator: end)
        #expect(TOMLLines.line(of: "python.attach", in: text) == 3)
    }
}
