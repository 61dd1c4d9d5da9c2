import Testing

@testable import XPMHTTP

@Suite struct RequestParserTests {
    @Test func readsLineFieldsAndLength() throws {
        let bytes = head(
            "PATCH /a//b%2Fc?x=&y HTTP/1.1", "Host: a.localhost:80", "X-Empty:", "X-One: \t spaced  value \t", "x-one:2"
        )
        let parsed = try Parsed(request: bytes + Array("content".utf8))
        #expect(parsed.head.method == .patch)
        #expect(parsed.text(parsed.head.target?.whole) == "/a//b%2Fc?x=&y")
        #expect(parsed.text(parsed.head.target?.path) == "/a//b%2Fc")
        #expect(parsed.text(parsed.head.target?.query) == "x=&y")
        #expect(parsed.head.version == .http11)
        #expect(parsed.head.length == bytes.count)
        #expect(parsed.head.section.fields.map { parsed.text($0.nameRange) } == ["Host", "X-Empty", "X-One", "x-one"])
        #expect(
            parsed.head.section.fields.map { parsed.text($0.value) } == ["a.localhost:80", "", "spaced  value", "2"])
        #expect(parsed.text(parsed.head.section.fields.last?.line) == "x-one:2\r\n")
        #expect(parsed.with { parsed.text($0.section.first("x-one", in: $1)) } == "spaced  value")
        #expect(parsed.head.section.first(.host) == parsed.head.section.fields.first?.value)
    }

    @Test(arguments: [
        ("GET", Method.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
        ("OPTIONS", .options),
        ("TRACE", .trace), ("PATCH", .patch), ("PROPFIND", .other), ("get", .other), ("Q", .other),
        ("M-SEARCH", .other),
    ])
    func knowsMethods(_ name: String, _ method: Method) throws {
        #expect(try Parsed(request: head("\(name) / HTTP/1.1", "Host: a")).head.method == method)
    }

    @Test func takesUsualRequests() {
        let requests = [
            head("GET / HTTP/1.0"), head("GET / HTTP/1.1", "host:a"), head("", "GET / HTTP/1.1", "Host: a"),
            head("GET /|{}^`\\\"<>'[] HTTP/1.1", "Host: a"), head("GET / HTTP/1.1", "Host: a", "X: caf\u{e9}\tx"),
            head("GET / HTTP/1.1", "Host: [::1]:80", "!#$%&'*+-.^_`|~0aZ: x"),
            head("POST / HTTP/1.1", "Host: a", "Content-Length: 0005"),
            head("POST / HTTP/1.1", "Host: a", "transfer-ENCODING:  ChunkeD "),
            head("OPTIONS * HTTP/1.1", "Host: a"), head("CONNECT a:443 HTTP/1.1", "Host: a:443"),
            head("GET HTTP://A:80/ HTTP/1.1", "Host: a"), head("GET https://a HTTP/1.1", "Host: A:443"),
            head("GET http://a/ HTTP/1.0"),
        ]
        for request in requests {
            #expect(refusal(request: request) == nil, "\(String(decoding: request, as: UTF8.self))")
        }
    }

    @Test func oneParserReadsOneRequestAfterAnother() throws {
        var parser = RequestParser()
        let first = head(
            "POST /1 HTTP/1.1", "Host: a", "Content-Length: 3", "Connection: close, x", "Expect: 100-continue")
        let second = head("GET /2 HTTP/1.1", "Host: b")
        #expect(try first.withUnsafeBytes { try parser.parse($0) })
        #expect(parser.head.framing == .length(3))
        parser.reset()
        #expect(parser.isIdle)
        #expect(try second.withUnsafeBytes { try parser.parse($0) })
        #expect(parser.head.framing == .length(0))
        #expect(parser.head.isPersistent && !parser.head.expectsContinue)
        #expect(parser.head.section.fields.count == 1)
    }

    @Test func nothingAndAnEmptyLineAreIdle() throws {
        var parser = RequestParser()
        for text in ["", "\r", "\r\n"] {
            #expect(try !Array(text.utf8).withUnsafeBytes { try parser.parse($0) })
            #expect(parser.isIdle)
        }
        #expect(try !Array("\r\nG".utf8).withUnsafeBytes { try parser.parse($0) })
        #expect(!parser.isIdle)
    }

    @Test(arguments: FieldName.allCases) func namesAreKnownInEitherCase(_ name: FieldName) throws {
        guard name != .other, name != .disguised else { return }
        // `xForwardedFor` is X-Forwarded-For.
        let special: [FieldName: String] = [.http2Settings: "http2-settings", .xRealIP: "x-real-ip"]
        let spelled = "\(name)".reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : "\($1)" }
        let text = special[name] ?? spelled
        let value = name == .contentLength ? "1" : "chunked"
        for spelled in [text, text.uppercased()] {
            let parsed = try Parsed(response: head("HTTP/1.1 200 OK", "\(spelled): \(value)"))
            #expect(parsed.head.section.fields.map(\.name) == [name], "\(spelled)")
        }
        guard text.contains("-") else { return }
        let disguised = try Parsed(response: head("HTTP/1.1 200 OK", "\(text.replacing("-", with: "_")): \(value)"))
        #expect(disguised.head.section.fields.map(\.name) == [.disguised], "\(text)")
        #expect(!disguised.head.section.isChunked && disguised.head.section.contentLength == nil)
    }

    @Test(arguments: [
        "hosts", "hos", "x-forwarded-fox", "content-lengtj", "content.length", "connectio-", "conn3ction", "tE3",
    ])
    func otherNamesAreOthers(_ name: String) throws {
        #expect(try Parsed(response: head("HTTP/1.1 200 OK", "\(name): x")).head.section.fields.map(\.name) == [.other])
    }
}
