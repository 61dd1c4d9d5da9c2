import Testing

@testable import XPMHTTP

@Suite struct ResponseRewritingTests {
    private static func rewritten(
        _ lines: [String], version: HTTPVersion = .http11, persists: Bool = true,
        _ change: (inout ResponseRewriting) -> Void = { _ in }
    ) throws -> [String] {
        var rewriting = ResponseRewriting()
        change(&rewriting)
        let parsed = try Parsed(response: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let client = ResponseRewriting.Client(version: version, isPersistent: persists)
        let text = try #require(
            written { memory in parsed.with { rewriting.write($0, in: $1, to: client, into: memory) } })
        _ = try Parsed(response: Array(text.utf8))
        return text.replacing("\r\n\r\n", with: "").split(separator: "\r\n", omittingEmptySubsequences: false).map(
            String.init)
    }

    @Test func whatIsNotForOneConnectionStaysAsItCame() throws {
        let lines = [
            "HTTP/1.1 200 Very  OK", "Date:x", "Set-Cookie: a=b; Path=/", "Content-Encoding: gzip",
            "set-cookie: a=c; Domain=x",
            "Content-Length: 5", "Location: /x", "Trailer: y", "X:",
        ]
        #expect(try Self.rewritten(lines) == lines)
        let dropped = [
            "Connection: keep-alive, x-own, content-length", "Keep-Alive: 5", "X-Own: 1", "Upgrade: h2c",
            "Proxy-Authenticate: x",
        ]
        #expect(try Self.rewritten(lines + dropped) == lines)
    }

    @Test func theClientsConnectionDecides() throws {
        #expect(
            try Self.rewritten(["HTTP/1.0 200 OK", "A: b"], persists: false) == [
                "HTTP/1.1 200 OK", "A: b", "Connection: close",
            ])
        #expect(
            try Self.rewritten(["HTTP/1.1 200 OK"], version: .http10) == ["HTTP/1.1 200 OK", "Connection: keep-alive"])
        #expect(
            try Self.rewritten(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"], version: .http10) == [
                "HTTP/1.1 200 OK", "Connection: close",
            ])
        #expect(try Self.rewritten(["HTTP/1.1 200"]) == ["HTTP/1.1 200 "])
        #expect(
            try Self.rewritten(["HTTP/1.1 103 Early", "Link: x"], persists: false) == ["HTTP/1.1 103 Early", "Link: x"])
        #expect(
            try Self.rewritten(
                ["HTTP/1.1 101 Up", "connection: UPGRADE", "Upgrade: websocket", "Sec-WebSocket-Protocol: a"],
                persists: false)
                == ["HTTP/1.1 101 Up", "Sec-WebSocket-Protocol: a", "Connection: Upgrade", "Upgrade: websocket"])
    }

    @Test(arguments: [
        ("/", "/p/"), ("/x?y#z", "/p/x?y#z"), ("/p", "/p"), ("/p/x", "/p/x"), ("/p?x", "/p?x"), ("/px", "/p/px"),
        ("x/y", "x/y"), ("", ""),
        ("//h/x", "//h/x"), ("/\\h", "/\\h"), ("http://127.0.0.1:1/x", "/p/x"), ("HTTP://127.0.0.1:1", "/p"),
        ("http://127.0.0.1:1?x", "/p?x"),
        ("http://127.0.0.1:1/p/x", "/p/x"), ("http://127.0.0.1:12/x", "http://127.0.0.1:12/x"),
        ("http://127.0.0.1:1@h/", "http://127.0.0.1:1@h/"),
        ("https://example.org/x", "https://example.org/x"), ("http:/x", "http:/x"),
        ("ftp://127.0.0.1:1/", "ftp://127.0.0.1:1/"),
        ("http://127.0.0.1:1//h/x", "/p//h/x"), ("?x", "?x"), ("#x", "#x"), ("http:", "http:"), ("http://", "http://"),
    ])
    func locationsGetThePrefixThatTheyLack(_ location: String, _ result: String) throws {
        let lines = try Self.rewritten(["HTTP/1.1 302 Found", "Location: \(location)"]) { rewriting in
            (rewriting.prefix, rewriting.backends) = (Array("/p".utf8), [Array("127.0.0.1:1".utf8)])
        }
        #expect(lines.last == "Location: \(result)")
    }

    @Test(arguments: [
        ("a=b", "a=b"), ("a=b; Path=/", "a=b; Path=/p"), ("a=b; path = /x ; Secure", "a=b; path =/p/x; Secure"),
        ("a=b; Path=/p", "a=b; Path=/p"),
        ("a=b; Path=/p/x", "a=b; Path=/p/x"), ("a=b; Path=/px", "a=b; Path=/p/px"), ("a=b; Path=", "a=b; Path="),
        ("a=b; Path", "a=b; Path"),
        ("a=b; Path=x", "a=b; Path=x"), ("Path=/", "Path=/"), ("a=b;PATH=/;Path=/y", "a=b;PATH=/p;Path=/p/y"),
        ("__Host-a=b; Path=/; Secure", "__Host-a=b; Path=/; Secure"), ("a=\"; Path=/\"", "a=\"; Path=/p/\""), ("", ""),
    ])
    func cookiesGetThePrefixThatTheirPathLacks(_ cookie: String, _ result: String) throws {
        let lines = try Self.rewritten(["HTTP/1.1 200 OK", "Set-Cookie: \(cookie)"]) { $0.prefix = Array("/p".utf8) }
        #expect(lines.last == "Set-Cookie: \(result)")
    }

    @Test func backendsCannotSetOurCookies() throws {
        let lines = [
            "HTTP/1.1 200 OK", "Set-Cookie: s=1", "Set-Cookie: ss=1", "Set-Cookie:  s ; Path=/", "Set-Cookie: S=1",
        ]
        #expect(
            try Self.rewritten(lines) { $0.removedCookies = [Array("s".utf8)] } == [
                "HTTP/1.1 200 OK", "Set-Cookie: ss=1", "Set-Cookie: S=1",
            ])
    }

    @Test(arguments: [
        (AnswerHead.Content.length(5), HTTPVersion.http11, true, "Content-Length: 5\r\n"),
        (.length(0), .http10, true, "Content-Length: 0\r\nConnection: keep-alive\r\n"),
        (.none, .http11, false, "Connection: close\r\n"),
        (.stream, .http11, true, "Transfer-Encoding: chunked\r\n"), (.stream, .http10, true, "Connection: close\r\n"),
        (.none, .http11, true, ""),
    ])
    func answersAreFramed(_ content: AnswerHead.Content, _ version: HTTPVersion, _ persists: Bool, _ fields: String)
        throws
    {
        let client = ResponseRewriting.Client(version: version, isPersistent: persists)
        let answer = AnswerHead(status: 404, fields: [("Content-Type", "text/plain")])
        let text = written { answer.write(content, to: client, into: $0) }
        #expect(text == "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\(fields)\r\n")
        _ = try Parsed(response: Array((text ?? "").utf8))
    }

    @Test func answersCannotGetLinesByTheirValues() {
        let client = ResponseRewriting.Client(version: .http11, isPersistent: true)
        for value in ["a\r\nb", "a\nb", "a\rb", "a\u{0}", "a\u{7F}"] {
            #expect(
                written { AnswerHead(status: 200, fields: [("X", value)]).write(.none, to: client, into: $0) } == nil)
        }
        #expect(AnswerHead.reason(508).description == "Loop Detected" && AnswerHead.reason(299).description == "")
    }
}
