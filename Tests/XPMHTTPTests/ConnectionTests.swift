import Testing

@testable import XPMHTTP

@Suite struct ConnectionTests {
    @Test(arguments: [
        ("1.1", [], true), ("1.0", [], false), ("1.1", ["close"], false), ("1.1", ["Close"], false),
        ("1.1", ["keep-alive"], true),
        ("1.0", ["keep-alive"], true), ("1.0", ["Keep-Alive"], true), ("1.1", ["a, CLOSE ,b"], false),
        ("1.1", ["a", "close"], false),
        ("1.0", ["keep-alive, close"], false), ("1.0", ["close", "keep-alive"], false), ("1.1", ["closed"], true),
        ("1.1", ["\"close\""], true), ("1.0", [",,keep-alive,,"], true), ("1.1", [""], true),
        ("1.0", ["x-keep-alive"], false),
    ])
    func goesOn(_ version: String, _ values: [String], _ isPersistent: Bool) throws {
        let lines = ["GET / HTTP/\(version)", "Host: a"] + values.map { "Connection: \($0)" } + ["", ""]
        let parsed = try Parsed(request: Array(lines.joined(separator: "\r\n").utf8))
        #expect(parsed.head.isPersistent == isPersistent)
        let response = ["HTTP/\(version) 200 OK"] + values.map { "Connection: \($0)" } + ["", ""]
        let other = try Parsed(response: Array(response.joined(separator: "\r\n").utf8))
        #expect(other.head.isPersistent(framing: .length(0)) == isPersistent)
        #expect(!other.head.isPersistent(framing: .untilClose) && !other.head.isPersistent(framing: .opaque))
    }

    @Test(arguments: [
        ("1.1", "Expect: 100-continue", true), ("1.1", "expect: 100-Continue", true),
        ("1.0", "Expect: 100-continue", false),
        ("1.1", "Expect: 100-continue, x", false), ("1.1", "Expect: x", false), ("1.1", "X: 100-continue", false),
    ])
    func expectsContinue(_ version: String, _ field: String, _ expects: Bool) throws {
        let parsed = try Parsed(request: head("POST / HTTP/\(version)", "Host: a", field))
        #expect(parsed.head.expectsContinue == expects)
    }

    @Test(arguments: [
        ("1.1", ["Connection: Upgrade", "Upgrade: websocket"], true, true),
        ("1.1", ["connection: keep-alive, UPGRADE", "upgrade: a/1, b"], true, true),
        ("1.1", ["Upgrade: websocket"], false, false), ("1.1", ["Connection: upgrade"], false, false),
        ("1.0", ["Connection: upgrade", "Upgrade: websocket"], false, false),
        ("1.1", ["Connection: upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x"], true, false),
        ("1.1", ["Connection: upgrade", "Upgrade: websocket, H2C"], true, false),
        ("1.1", ["Connection: upgrade", "Upgrade: HTTP/2.0"], true, false),
        ("1.1", ["Connection: upgrade", "Upgrade: websocket", "Upgrade: h2"], true, false),
    ])
    func upgrades(_ version: String, _ fields: [String], _ wants: Bool, _ passes: Bool) throws {
        let lines = ["GET / HTTP/\(version)", "Host: a"] + fields + ["", ""]
        let parsed = try Parsed(request: Array(lines.joined(separator: "\r\n").utf8))
        #expect(parsed.head.wantsUpgrade == wants)
        #expect(parsed.with { RequestRewriting().passesUpgrade($0, in: $1) } == passes)
    }
}
