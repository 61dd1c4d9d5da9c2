import Testing

@testable import XPMHTTP

@Suite struct ResponseParserTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK", 200, "200 OK"), ("HTTP/1.0 404 Not Found", 404, "404 Not Found"),
        ("HTTP/1.1 204 ", 204, "204 "),
        ("HTTP/1.1 200", 200, "200"), ("HTTP/1.1 999 caf\u{e9}\t!", 999, "999 caf\u{e9}\t!"),
        ("HTTP/1.1 100  ", 100, "100  "),
    ])
    func readsStatus(_ line: String, _ status: Int, _ range: String) throws {
        let parsed = try Parsed(response: head(line, "A: b"))
        #expect(parsed.head.status == status)
        #expect(parsed.text(parsed.head.statusRange) == range)
        #expect(parsed.head.length == parsed.bytes.count)
        #expect(parsed.text(parsed.head.section.fields.first?.value) == "b")
    }

    @Test(arguments: [
        ("HTTP/1.1  200 OK", MessageError.malformedStatus), ("HTTP/1.1 20 OK", .malformedStatus),
        ("HTTP/1.1 2000 OK", .malformedStatus), ("HTTP/1.1 099 OK", .malformedStatus),
        ("HTTP/1.1 +20 OK", .malformedStatus),
        ("HTTP/1.1\t200 OK", .malformedStatus), ("HTTP/2.0 200 OK", .unsupportedVersion),
        ("HTTP/1.1200 OK", .malformedStatus),
        ("ICY 200 OK", .malformedVersion), (" HTTP/1.1 200 OK", .malformedVersion),
        ("\r\nHTTP/1.1 200 OK", .malformedVersion),
        ("HTTP/1.1 200 O\u{1}K", .controlCharacter), ("HTTP/1.1 200 OK\nA: b", .bareLineFeed),
        ("HTTP/1.1 200\nA: b", .bareLineFeed), ("HTTP/1.1 200 OK\rA: b", .bareCarriageReturn),
        ("HTTP/1.1 200 OK\r\n A: b", .obsoleteFolding), ("HTTP/1.1 200 OK\r\nA : b", .spaceBeforeColon),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1", .repeatedLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", .lengthWithTransferEncoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", .transferEncodingInOldVersion),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked", .unsupportedTransferEncoding),
        ("HTTP/1.0 100 OK", .malformedInterim), ("HTTP/1.0 101 OK\r\nUpgrade: x", .malformedInterim),
        ("HTTP/1.1 103 OK\r\nConnection: close", .malformedInterim),
        ("HTTP/1.1 204 OK\r\nContent-Length: 1", .contentWithoutBody),
        ("HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked", .contentWithoutBody),
        ("HTTP/1.1 100 OK\r\nContent-Length: 1", .contentWithoutBody),
        ("HTTP/1.1 101 OK\r\nTransfer-Encoding: chunked", .contentWithoutBody),
    ])
    func isRefused(_ text: String, _ error: MessageError) { #expect(refusal(response: head(text)) == error) }

    @Test(arguments: [
        ("200 OK", "Content-Length: 5", Method.get, BodyFraming.length(5)),
        ("200 OK", "Content-Length: 5", .head, .length(0)),
        ("200 OK", "Transfer-Encoding: chunked", .get, .chunked),
        ("200 OK", "Transfer-Encoding: chunked", .head, .length(0)),
        ("200 OK", "A: b", .get, .untilClose), ("200 OK", "A: b", .head, .length(0)),
        ("204 No", "Content-Length: 0", .get, .length(0)),
        ("304 No", "Content-Length: 5", .get, .length(0)), ("304 No", "Transfer-Encoding: chunked", .get, .length(0)),
        ("100 Go", "A: b", .post, .length(0)), ("103 Hints", "A: b", .get, .length(0)),
        ("200 OK", "A: b", .connect, .opaque),
        ("404 No", "Content-Length: 5", .connect, .length(5)), ("205 Reset", "A: b", .get, .untilClose),
    ])
    func contentEnds(_ status: String, _ field: String, _ method: Method, _ framing: BodyFraming) throws {
        let parsed = try Parsed(response: head("HTTP/1.1 \(status)", field))
        #expect(try parsed.head.framing(answering: method, wantsUpgrade: false) == framing)
    }

    @Test func switchingIsOpaqueForThoseWhoAskedAlone() throws {
        let parsed = try Parsed(response: head("HTTP/1.1 101 Switching", "Upgrade: websocket", "Connection: upgrade"))
        #expect(try parsed.head.framing(answering: .get, wantsUpgrade: true) == .opaque)
        #expect(throws: MessageError.unexpectedUpgrade) {
            try parsed.head.framing(answering: .get, wantsUpgrade: false)
        }
        #expect(!parsed.head.isInterim)
        let bare = try Parsed(response: head("HTTP/1.1 101 Switching"))
        #expect(throws: MessageError.unexpectedUpgrade) { try bare.head.framing(answering: .get, wantsUpgrade: true) }
        #expect(try Parsed(response: head("HTTP/1.1 103 Early")).head.isInterim)
    }
}
