import Testing

@testable import XPMHTTP

@Suite struct RequestRewritingTests {
    private static func rewritten(_ lines: [String], _ change: (inout RequestRewriting) -> Void = { _ in }) throws
        -> [String]
    {
        var rewriting = RequestRewriting()
        change(&rewriting)
        let parsed = try Parsed(request: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let text = try #require(written { memory in parsed.with { rewriting.write($0, in: $1, into: memory) } })
        #expect(text.hasSuffix("\r\n\r\n"))
        // What was written is a request that is read in the same way.
        let again = try Parsed(request: Array(text.utf8))
        #expect(again.head.framing == parsed.head.framing)
        return text.replacing("\r\n\r\n", with: "").split(separator: "\r\n", omittingEmptySubsequences: false).map(
            String.init)
    }

    private static func fields(_ fields: [String], _ change: (inout RequestRewriting) -> Void = { _ in }) throws
        -> [String]
    {
        Array(try rewritten(["POST / HTTP/1.1", "Host: a"] + fields, change).dropFirst(2))
    }

    @Test func whatIsNotForOneConnectionStaysAsItCame() throws {
        let lines = [
            "POST /a//b%2Fc?x=&y HTTP/1.1", "hOST:\ta ", "Accept:  x", "Set-Cookie: a", "set-cookie: b", "X:",
            "Content-Length: 5",
            "Expect: 100-continue", "Via: 1.1 a", "Cookie: a=b;c", "Trailer: x", "Range: bytes=0-", "Authorization: x",
        ]
        #expect(try Self.rewritten(lines) == lines)
    }

    @Test func whatIsForOneConnectionGoes() throws {
        let fields = [
            "Connection: keep-alive, X-Own , x-other", "Keep-Alive: 5", "Proxy-Connection: x", "X-Own: 1", "A: b",
            "x-OTHER: 2",
            "Upgrade: websocket", "Proxy-Authorization: x", "Proxy: x", "HTTP2-Settings: x", "TE: gzip", "X-Own: 3",
            "C: d",
            "Content_Length: 5", "X_Forwarded_For: x", "Transfer-Encoding: chunked",
        ]
        #expect(try Self.fields(fields) == ["A: b", "C: d", "Transfer-Encoding: chunked"])
    }

    @Test func connectionCannotTakeWhatFramesTheMessage() throws {
        let fields = ["Connection: close, content-length, Host", "Content-Length: 5", "A: b"]
        #expect(
            try Self.rewritten(["POST / HTTP/1.1", "Host: a"] + fields) == [
                "POST / HTTP/1.1", "Host: a", "Content-Length: 5", "A: b",
            ])
        #expect(
            try Self.fields(["Connection: transfer-encoding", "Transfer-Encoding: chunked"]) == [
                "Transfer-Encoding: chunked"
            ])
        // Nor the mark by which loops are found.
        #expect(
            try Self.fields(["Connection: xpm-hop", "Xpm-Hop: other"]) { $0.hop = HopMark(value: Array("me".utf8)) }
                == ["Xpm-Hop: other", "xpm-hop: me"])
    }

    @Test func upgradesPassWithTheirTokens() throws {
        let fields = ["Connection: keep-alive, upgrade", "Upgrade: websocket", "Sec-WebSocket-Protocol: a, b"]
        #expect(
            try Self.fields(fields) == ["Sec-WebSocket-Protocol: a, b", "Connection: Upgrade", "Upgrade: websocket"])
        #expect(try Self.fields(fields) { $0.allowsUpgrade = false } == ["Sec-WebSocket-Protocol: a, b"])
        #expect(
            try Self.fields(["Connection: upgrade, te", "Upgrade: a", "Upgrade: b", "TE: gzip, Trailers"])
                == ["Connection: Upgrade, TE", "TE: trailers", "Upgrade: a", "Upgrade: b"])
        #expect(try Self.fields(["TE: trailers"]) == ["Connection: TE", "TE: trailers"])
    }

    @Test func hostAndOriginAreReplacedInTheirPlace() throws {
        let lines = ["GET / HTTP/1.1", "A: b", "Host: a", "Origin: http://a", "C: d"]
        let replaced = try Self.rewritten(lines) { rewriting in
            rewriting.host = .replace(Array("127.0.0.1:1".utf8))
            rewriting.origin = .replace(Array("http://127.0.0.1:1".utf8))
        }
        #expect(replaced == ["GET / HTTP/1.1", "A: b", "Host: 127.0.0.1:1", "Origin: http://127.0.0.1:1", "C: d"])
        #expect(try Self.rewritten(lines) { $0.origin = .remove } == ["GET / HTTP/1.1", "A: b", "Host: a", "C: d"])
        // Nobody gets an Origin who had none.
        #expect(try Self.fields([]) { $0.origin = .replace(Array("http://x".utf8)) } == [])
        // A client of HTTP/1.0 may have no Host; it knows no Expect.
        let old = try Self.rewritten(["POST / HTTP/1.0", "Expect: 100-continue"]) {
            $0.host = .replace(Array("x".utf8))
        }
        #expect(old == ["POST / HTTP/1.1", "Host: x"])
        #expect(try Self.rewritten(["GET http://a:81/b HTTP/1.0"]) == ["GET /b HTTP/1.1", "Host: a:81"])
    }

    @Test func clientsAreToldOfAndCannotTellThemselves() throws {
        let fields = [
            "X-Forwarded-For: 1.2.3.4", "Forwarded: x", "X-Real-IP: x", "A: b", "x-forwarded-proto: https",
            "X-Forwarded-Port: 1",
        ]
        let forwarding = Forwarding(
            address: Array("127.0.0.1".utf8), scheme: Array("http".utf8), prefix: Array("/p".utf8))
        #expect(
            try Self.fields(fields) { $0.forwarding = forwarding } == [
                "A: b", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http", "X-Forwarded-Host: a",
                "X-Forwarded-Prefix: /p",
            ])
        #expect(try Self.fields(fields) == ["A: b"])
        var trusting = forwarding
        (trusting.trustsIncoming, trusting.prefix) = (true, nil)
        #expect(
            try Self.fields(fields) { $0.forwarding = trusting }
                == fields + ["X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: a"])
    }

    @Test(arguments: [
        ("/p", "/p/x?y", "/x?y"), ("/p", "/p", "/"), ("/p", "/p?y", "/?y"), ("/p", "/px", "/px"),
        ("/p", "/P/x", "/P/x"),
        ("/p", "/p//x", "//x"), ("/p", "/%70/x", "/%70/x"), ("/p/q", "/p/q/", "/"), ("", "/p", "/p"),
        ("/p", "http://a/p/x", "/x"),
        ("/p", "http://a", "/"), ("", "http://a?x", "/?x"), ("/p", "/x/p", "/x/p"),
    ])
    func prefixesAreStrippedAsWholeSegments(_ prefix: String, _ target: String, _ rest: String) throws {
        let lines = try Self.rewritten(["GET \(target) HTTP/1.1", "Host: a"]) { $0.strippedPrefix = Array(prefix.utf8) }
        #expect(lines.first == "GET \(rest) HTTP/1.1")
    }

    @Test func formsOfTargetsWithoutPathStay() throws {
        #expect(try Self.rewritten(["OPTIONS * HTTP/1.1", "Host: a"]).first == "OPTIONS * HTTP/1.1")
        #expect(try Self.rewritten(["OPTIONS http://a HTTP/1.1", "Host: a"]).first == "OPTIONS * HTTP/1.1")
        #expect(try Self.rewritten(["CONNECT a:1 HTTP/1.1", "Host: a:1"]).first == "CONNECT a:1 HTTP/1.1")
    }

    @Test(arguments: [
        (["a=1"], ["a=1"]), (["s=1"], []), (["s=1; a=2"], ["a=2"]), (["a=1; s=2"], ["a=1"]),
        (["a=1; s=2; b=3"], ["a=1; b=3"]),
        (["a=1;s=2;b=3"], ["a=1;b=3"]), (["s=1; s=2"], []), (["a=1", "s=2", "b=3; s=4"], ["a=1", "b=3"]),
        (["a=\"; s=1; \"; b"], ["a=\"; \"; b"]), (["s"], []), (["s="], []), ([" s = 1 ;a"], ["a"]),
        (["S=1; ss=2; xs=3; s.=4"], ["S=1; ss=2; xs=3; s.=4"]),
        (["=s=1; \"s\"=2"], ["=s=1; \"s\"=2"]), ([""], [""]), ([";; a;"], [";; a;"]), (["; s=1;; a ;"], [";; a ;"]),
        (["__Host-t=a; x=y"], ["x=y"]), (["__host-t=a; $Version=1; s=2"], ["__host-t=a; $Version=1"]),
        (["a=b=s; s=a=b"], ["a=b=s"]),
    ])
    func ownCookiesAreTakenOutExactly(_ values: [String], _ left: [String]) throws {
        let fields = try Self.fields(values.map { "Cookie: \($0)" }) { rewriting in
            rewriting.removedCookies = [Array("s".utf8), Array("__Host-t".utf8)]
        }
        #expect(fields == left.map { "Cookie: \($0)" })
    }

    @Test func loopsAreFoundByTheirMark() throws {
        let mark = HopMark(value: Array("me".utf8))
        for (lines, isLoop) in [
            (["xpm-hop: me"], true), (["XPM-HOP: you", "Xpm-Hop: me"], true), (["xpm-hop: mee"], false), ([], false),
        ] {
            let parsed = try Parsed(
                request: Array((["GET / HTTP/1.1", "Host: a"] + lines + ["", ""]).joined(separator: "\r\n").utf8))
            #expect(parsed.with { mark.isOn($0.section, in: $1) } == isLoop)
        }
        #expect(try Self.fields(["Xpm-Hop: you"]) { $0.hop = mark } == ["Xpm-Hop: you", "xpm-hop: me"])
    }

    @Test func tooLittleRoomIsTold() throws {
        let parsed = try Parsed(request: head("GET / HTTP/1.1", "Host: a"))
        let whole = parsed.bytes.count
        for size in 0...whole {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
            defer { memory.deallocate() }
            #expect(parsed.with { RequestRewriting().write($0, in: $1, into: memory) } == (size == whole ? whole : nil))
        }
    }

    @Test func aReplacementCannotAddLines() throws {
        let parsed = try Parsed(request: head("GET / HTTP/1.1", "Host: a"))
        var rewriting = RequestRewriting()
        rewriting.host = .replace(Array("a\r\nX: y".utf8))
        #expect(written { memory in parsed.with { rewriting.write($0, in: $1, into: memory) } } == nil)
    }
}
