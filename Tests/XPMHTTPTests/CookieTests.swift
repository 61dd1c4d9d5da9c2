import Testing

@testable import XPMHTTP

@Suite struct CookieTests {
    @Test(
        arguments: [
            (["a=1; __Host-x=2"], "2"), (["__Host-x=1", "__Host-x=2"], "1"), (["__host-x=1"], nil),
            (["__Host-xx=1; x__Host-x=2"], nil),
            (["__Host-x"], nil), (["__Host-x="], ""), ([" __Host-x = a b ;c"], "a b"), (["__Host-x=\"q\""], "\"q\""),
            (["a=\"; __Host-x=1; \""], "1"),
            (["__Host-x=a=b"], "a=b"), ([""], nil), ([], nil), (["=__Host-x=1"], nil), (["a;__Host-x=1"], "1"),
            (["a,__Host-x=1"], nil),
        ] as [([String], String?)])
    func firstOfANameCounts(_ values: [String], _ value: String?) throws {
        let lines = ["GET / HTTP/1.1", "Host: a"] + values.map { "Cookie: \($0)" } + ["", ""]
        let parsed = try Parsed(request: Array(lines.joined(separator: "\r\n").utf8))
        let found = parsed.with { head, bytes in
            head.section.cookie("__Host-x", in: bytes).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == value)
    }
}
