import Testing

@testable import XPMHTTP

@Suite struct TargetTests {
    @Test(
        arguments: [
            ("GET", "/", "/", nil, "/"), ("GET", "/?", "/", "", "/?"), ("GET", "/a?b?c", "/a", "b?c", "/a?b?c"),
            ("GET", "//x//", "//x//", nil, "//x//"), ("GET", "/%2F%2e?=&&", "/%2F%2e", "=&&", "/%2F%2e?=&&"),
            ("GET", "http://a", "", nil, ""), ("GET", "http://a?b", "", "b", "?b"),
            ("GET", "http://a/b?c", "/b", "c", "/b?c"),
            ("OPTIONS", "*", "", nil, ""), ("CONNECT", "a:80", "", nil, ""),
        ] as [(String, String, String, String?, String)])
    func isSplitAsItCame(_ method: String, _ target: String, _ path: String, _ query: String?, _ both: String) throws {
        let parsed = try Parsed(
            request: head("\(method) \(target) HTTP/1.1", method == "CONNECT" ? "Host: a:80" : "Host: a"))
        #expect(parsed.text(parsed.head.target?.path) == path)
        #expect(parsed.text(parsed.head.target?.query) == query)
        #expect(parsed.text(parsed.head.target?.pathAndQuery) == both)
        #expect(parsed.text(parsed.head.target?.whole) == target)
    }

    @Test func segmentsAndPairsAreNotDecoded() {
        let path = Array("/a//b%2Fc/".utf8)
        path.withUnsafeBytes { path in
            #expect(PathSegments(path).map { String(decoding: $0, as: UTF8.self) } == ["a", "", "b%2Fc", ""])
            #expect(PathSegments(path.cut(1, path.count)).map(\.count) == [])
        }
        let query = Array("a=1&b&&c=&=d&e=f=g%26".utf8)
        query.withUnsafeBytes { query in
            let pairs = QueryPairs(query).map { pair in
                [
                    String(decoding: pair.name, as: UTF8.self),
                    pair.value.map { String(decoding: $0, as: UTF8.self) } ?? "nil",
                ]
            }
            #expect(pairs == [["a", "1"], ["b", "nil"], ["c", ""], ["", "d"], ["e", "f=g%26"]])
        }
    }

    @Test(
        arguments: [
            ("", ""), ("a%20b", "a b"), ("%2F%2f", "//"), ("%c3%A9", "é"), ("a+b", "a+b"), ("%25", "%"),
            ("%2525", "%25"),
            ("%", nil), ("%4", nil), ("%4g", nil), ("%00", nil), ("a%0Ab", nil), ("%7F", nil), ("%C2%80", nil),
            ("%FF", nil),
            ("%c3", nil), ("%ED%A0%80", nil), ("%C0%AF", nil), ("%E2%82%AC", "€"),
        ] as [(String, String?)])
    func percentsAreDecodedStrictly(_ text: String, _ decoded: String?) {
        #expect(Array(text.utf8).withUnsafeBytes { PercentDecoding.text($0) } == decoded)
    }

    @Test func plusIsASpaceInFormsAlone() {
        #expect(Array("a+%2B".utf8).withUnsafeBytes { PercentDecoding.text($0, plusIsSpace: true) } == "a +")
    }
}
