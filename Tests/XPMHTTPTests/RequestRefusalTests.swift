import Testing

@testable import XPMHTTP

@Suite struct RequestRefusalTests {
    private static let host = "Host: a"

    @Test(arguments: [
        // First line
        ([" GET / HTTP/1.1", host], MessageError.malformedMethod, 400),
        (["GE\u{7F}T / HTTP/1.1", host], .malformedMethod, 400),
        (["G(T / HTTP/1.1", host], .malformedMethod, 400), (["GET\t/ HTTP/1.1", host], .malformedMethod, 400),
        (["GET  / HTTP/1.1", host], .malformedTarget, 400), (["GET /\t HTTP/1.1", host], .malformedTarget, 400),
        (["GET / HTTP/1.1 ", host], .malformedVersion, 400), (["GET /  HTTP/1.1", host], .malformedVersion, 400),
        (["GET /", host], .malformedVersion, 400), (["GET / HTTP/1", host], .malformedVersion, 400),
        (["GET / http/1.1", host], .malformedVersion, 400), (["GET / HTTP/11", host], .malformedVersion, 400),
        (["GET / HTTP/1.2", host], .unsupportedVersion, 505), (["GET / HTTP/2.0", host], .unsupportedVersion, 505),
        (["GET / HTTP/0.9", host], .unsupportedVersion, 505), (["PRI * HTTP/2.0", host], .methodDoesNotFitTarget, 400),
        (["GET /#a HTTP/1.1", host], .malformedTarget, 400), (["GET /\u{1} HTTP/1.1", host], .malformedTarget, 400),
        (["GET /é HTTP/1.1", host], .malformedTarget, 400), (["GET a HTTP/1.1", host], .malformedTarget, 400),
        (["GET * HTTP/1.1", host], .methodDoesNotFitTarget, 400),
        (["GET ftp://a/ HTTP/1.1", host], .malformedTarget, 400),
        (["GET http:///a HTTP/1.1", host], .malformedTarget, 400),
        (["GET http://u@a/ HTTP/1.1", host], .malformedTarget, 400),
        (["CONNECT / HTTP/1.1", host], .malformedTarget, 400), (["CONNECT a HTTP/1.1", host], .malformedTarget, 400),
        (["", "", "GET / HTTP/1.1", host], .malformedMethod, 400), (["\nGET / HTTP/1.1", host], .malformedMethod, 400),
        // Lines
        (["GET / HTTP/1.1\nHost: a"], .bareLineFeed, 400), (["GET /\nHost: a"], .bareLineFeed, 400),
        (["GET / HTTP/1.1", "Host: a\nX: b"], .bareLineFeed, 400),
        (["GET / HTTP/1.1", "Host: a\rX: b"], .bareCarriageReturn, 400),
        (["GET / HTTP/1.1\rHost: a"], .bareCarriageReturn, 400),
        (["GET / HTTP/1.1", host, "\rX: b"], .bareCarriageReturn, 400),
        (["GET / HTTP/1.1", host, "\nX: b"], .bareLineFeed, 400),
        (["GET / HTTP/1.1", host, "X\n: b"], .bareLineFeed, 400),
        (["GET / HTTP/1.1", host, "X: a\u{0}b"], .controlCharacter, 400),
        (["GET / HTTP/1.1", host, "X: \u{7F}"], .controlCharacter, 400),
        (["GET / HTTP/1.1", host, "X\u{0}: b"], .controlCharacter, 400),
        (["GET / HTTP/1.1", host, "X: \u{B}b"], .controlCharacter, 400),
        // Fields
        (["GET / HTTP/1.1", host, " folded"], .obsoleteFolding, 400),
        (["GET / HTTP/1.1", " \(host)"], .obsoleteFolding, 400),
        (["GET / HTTP/1.1", host, "\tX: b"], .obsoleteFolding, 400),
        (["GET / HTTP/1.1", host, ": b"], .emptyFieldName, 400),
        (["GET / HTTP/1.1", "Host : a"], .spaceBeforeColon, 400),
        (["GET / HTTP/1.1", "Host\t: a"], .spaceBeforeColon, 400),
        (["GET / HTTP/1.1", host, "X"], .controlCharacter, 400),
        (["GET / HTTP/1.1", host, "X(: b"], .malformedFieldName, 400),
        (["GET / HTTP/1.1", host, "Xé: b"], .malformedFieldName, 400),
        (["GET / HTTP/1.1", host, "\"X\": b"], .malformedFieldName, 400),
        // Host
        (["GET / HTTP/1.1"], .missingHost, 400), (["GET / HTTP/1.1", host, host], .repeatedHost, 400),
        (["GET / HTTP/1.0", host, "HOST: b"], .repeatedHost, 400), (["GET / HTTP/1.1", "Host:"], .malformedHost, 400),
        (["GET / HTTP/1.1", "Host: a b"], .malformedHost, 400), (["GET / HTTP/1.1", "Host: a,b"], .malformedHost, 400),
        (["GET / HTTP/1.1", "Host: a/b"], .malformedHost, 400), (["GET / HTTP/1.1", "Host: u@a"], .malformedHost, 400),
        (["GET / HTTP/1.1", "Host: a:b"], .malformedHost, 400),
        (["GET / HTTP/1.1", "Host: a:65536"], .malformedHost, 400),
        (["GET http://a/ HTTP/1.1", "Host: b"], .hostDiffersFromTarget, 400),
        (["GET http://a/ HTTP/1.1", "Host: a:81"], .hostDiffersFromTarget, 400),
        (["GET http://a/ HTTP/1.1"], .missingHost, 400),
        (["CONNECT a:443 HTTP/1.1", "Host: a"], .hostDiffersFromTarget, 400),
        // Framing
        (["POST / HTTP/1.1", host, "Content-Length: 5, 5"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: +5"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: -0"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 0x5"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 5 5"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 5."], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: ٥"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length:"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 5\t"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 9223372036854775808"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 18446744073709551621"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 00000000000000000005"], .malformedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 5", "Content-Length: 5"], .repeatedLength, 400),
        (["POST / HTTP/1.1", host, "Content-Length: 5", "content-length: 6"], .repeatedLength, 400),
        (
            ["POST / HTTP/1.1", host, "Content-Length: 5", "Transfer-Encoding: chunked"], .lengthWithTransferEncoding,
            400
        ),
        (
            ["POST / HTTP/1.1", host, "Transfer-Encoding: chunked", "Content-Length: 0"], .lengthWithTransferEncoding,
            400
        ),
        (["POST / HTTP/1.0", "Transfer-Encoding: chunked"], .transferEncodingInOldVersion, 400),
        (
            ["POST / HTTP/1.1", host, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
            .repeatedTransferEncoding, 400
        ),
        (["CONNECT a:1 HTTP/1.1", "Host: a:1", "Content-Length: 0"], .contentWithConnect, 400),
    ])
    func isRefused(_ lines: [String], _ error: MessageError, _ status: Int) {
        #expect(refusal(request: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)) == error)
        #expect(error.status == status)
    }

    @Test(arguments: [
        "gzip", "identity", "gzip, chunked", "chunked, chunked", "chunked, identity", "chunked;q=1", "xchunked",
        "\"chunked\"",
        "chunked,", ",chunked", "", "chunked\u{B}", "chun ked", "'chunked'", "cow", "chunked\t", "\tchunked",
        "chunKed\u{A0}",
    ])
    func otherTransferEncodingsAreRefused(_ value: String) {
        let error = refusal(request: head("POST / HTTP/1.1", Self.host, "Transfer-Encoding: \(value)"))
        #expect(error == .unsupportedTransferEncoding || error == .controlCharacter)
        #expect(MessageError.unsupportedTransferEncoding.status == 501)
    }

    @Test func connectionHasFewOptions() {
        let many = (0...FieldSection.connectionOptionLimit).map { "o\($0)" }.joined(separator: ", ")
        #expect(refusal(request: head("GET / HTTP/1.1", Self.host, "Connection: \(many)")) == .tooManyConnectionOptions)
        let allowed = String(many.split(separator: ",").dropLast().joined(separator: ","))
        #expect(refusal(request: head("GET / HTTP/1.1", Self.host, "Connection: \(allowed)")) == nil)
        #expect(MessageError.tooManyConnectionOptions.status == 431)
        // Nor may it be long: what each other field is compared with costs each of them.
        let commas = { (count: Int) in
            head("GET / HTTP/1.1", Self.host, "Connection: x\(String(repeating: ",", count: count))")
        }
        #expect(refusal(request: commas(1023)) == nil)
        #expect(refusal(request: commas(1024)) == .tooManyConnectionOptions)
    }

    @Test(arguments: MessageError.allCases) func everyErrorHasAStatusAndAReason(_ error: MessageError) {
        #expect([400, 414, 431, 501, 505].contains(error.status))
        #expect(!error.reason.isEmpty && !error.reason.hasSuffix("."))
        #expect("\(error)" == error.reason)
    }
}
