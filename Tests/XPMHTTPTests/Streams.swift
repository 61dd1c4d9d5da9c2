import SeededRandom

@testable import XPMHTTP

/// Streams of messages for tests.
enum Streams {
    /// Requests that clients do send, one behind the other.
    static let requests: [[UInt8]] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b?c HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nX:\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /y HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=b;c=\"d e\"\r\nhello\r\n0\r\nX-T: 1\r\nY:\r\n\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nGET http://a/b//c%2F?d=&e HTTP/1.1\r\nHost: A:80\r\nCookie: a=b; c\r\nCookie: d\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n\u{1}\u{2}",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nbytes",
        "DELETE /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nrest",
        "\r\nPATCH /x HTTP/1.1\r\nhost:\t[::1]:80\t \r\ncontent-length:0\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        // As curl, urllib, requests, Node's fetch and a browser have sent them.
        "GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:52139\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"
            + "PUT /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:52139\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
            + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\nd\r\nxx-xxxxx-xxxx\r\n0\r\n\r\n",
        "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:52139\r\nUser-Agent: python-requests/2.34.2\r\n"
            + "Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\nContent-Length: 8\r\n"
            + "Content-Type: application/json\r\n\r\n{\"a\": 1}",
        "GET /a?b=c HTTP/1.1\r\nAccept-Encoding: identity\r\nHost: 127.0.0.1:52139\r\n"
            + "User-Agent: Python-urllib/3.11\r\nConnection: close\r\n\r\n",
        "GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:52139\r\nconnection: keep-alive\r\naccept: */*\r\naccept-language: *\r\n"
            + "sec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\n\r\n",
        "GET /services/b/ HTTP/1.1\r\nHost: b--r.localhost:8123\r\nConnection: keep-alive\r\nCache-Control: max-age=0\r\n"
            + "sec-ch-ua: \"Chromium\";v=\"156\", \"Not.A/Brand\";v=\"8\"\r\nsec-ch-ua-mobile: ?0\r\n"
            + "Upgrade-Insecure-Requests: 1\r\nAccept: text/html,application/xml;q=0.9,*/*;q=0.8\r\n"
            + "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n"
            + "Accept-Encoding: gzip, deflate, br, zstd\r\nCookie: _xsrf=2|1:a|b; username-localhost-1=\"2|c==\"\r\n\r\n",
    ].map { Array($0.utf8) }

    /// Responses that servers do send, and what they answer.
    static let responses: [([UInt8], [Method])] = [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            [.get, .get]
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n",
            [.post]
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
            [.head, .get, .get]
        ),
        ("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nall the rest", [.get]),
        ("HTTP/1.1 200 \r\nSet-Cookie: a\r\nSet-Cookie: b\r\nConnection: close\r\n\r\nrest", [.get]),
        (
            "HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11.7\r\nDate: Sun, 29 Nov 2026 22:11:52 GMT\r\n"
                + "Content-type: text/x-python\r\nContent-Length: 3\r\nLast-Modified: Sun, 29 Nov 2026 22:11:50 GMT\r\n\r\nabc",
            [.get]
        ),
    ].map { (Array($0.0.utf8), $0.1) }

    /// Lines and pieces of lines that parsers have differed about, and ordinary ones.
    static let pieces: [String] = [
        "GET / HTTP/1.1\r\n", "POST /x?y HTTP/1.1\r\n", "GET / HTTP/1.0\r\n", "HEAD /%2F HTTP/1.1\r\n", "GET /\r\n",
        "GET / HTTP/1.1\n",
        "HTTP/1.1 200 OK\r\n", "HTTP/1.1 204 No\r\n", "HTTP/1.1 304 No\r\n", "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 100 Go\r\n",
        "HTTP/1.1 101 Up\r\n", "HTTP/1.1 200\r\n", "GET http://a/ HTTP/1.1\r\n", "CONNECT a:80 HTTP/1.1\r\n",
        "OPTIONS * HTTP/1.1\r\n",
        "Host: a\r\n", "Host: b\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length : 5\r\n", "Content-Length: 5\n", "Content_Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding:\u{B}chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding\u{0}: chunked\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n", " folded\r\n", "\tfolded\r\n", "X:\r\n Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "Connection: keep-alive\r\n", "Connection: upgrade\r\n", "Upgrade: websocket\r\n", "Expect: 100-continue\r\n",
        "Connection: x, close\r\n",
        "Trailer: x\r\n", "TE: trailers\r\n", "Cookie: a=b; c=\"d\"\r\n", "X-Empty:\r\n", "\r\n", "\r\n\r\n", "\n\n",
        "\r\r\n", "hello", "0\r\n\r\n",
        "5\r\nhello\r\n", "5;a=b\r\nhello\r\n", "5;\nhello\r\n", "5\nhello\r\n", "5\r\nhello", "5 \r\nhello\r\n",
        "0x5\r\nhello\r\n",
        "0\r\nX: y\r\n\r\n", "0\r\nContent-Length: 3\r\n\r\n", "10000000000000005\r\nhello\r\n", "0\r\n\r", "0\n\n",
        ";a=\"\n\"\r\n", "\u{e9}: x\r\n",
    ]
}

extension SeededRandom {
    /// A stream of messages: valid ones, ones made of `Streams.pieces`, and both with a few bytes changed.
    mutating func stream(ofRequests isRequest: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &self) { bytes += oneIn(3) ? valid(isRequest) : made(isRequest) }
        guard !bytes.isEmpty, oneIn(2) else { return bytes }
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            let place = Int.random(in: bytes.indices, using: &self)
            switch next() % 4 {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1:
                bytes.insert(
                    [0x0A, 0x0D, 0x20, 0x09, 0x00, 0x3A, 0x3B, 0x2C].randomElement(using: &self) ?? 0, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.insert(contentsOf: Streams.pieces.randomElement(using: &self)?.utf8 ?? "".utf8, at: place)
            }
            if bytes.isEmpty { break }
        }
        return bytes
    }

    private mutating func valid(_ isRequest: Bool) -> [UInt8] {
        isRequest
            ? Streams.requests.randomElement(using: &self) ?? []
            : Streams.responses.randomElement(using: &self)?.0 ?? []
    }

    /// A head of any lines behind a usual first one, and pieces of content.
    private mutating func made(_ isRequest: Bool) -> [UInt8] {
        var text = isRequest ? "POST /x HTTP/1.1\r\nHost: a\r\n" : "HTTP/1.1 200 OK\r\n"
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            text += Streams.pieces[Int.random(in: 16...50, using: &self)]
        }
        if oneIn(2) { text += isRequest || oneIn(2) ? "Transfer-Encoding: chunked\r\n" : "Content-Length: 5\r\n" }
        text += "\r\n"
        for _ in 0..<Int.random(in: 0...4, using: &self) {
            text += Streams.pieces[Int.random(in: 50..<Streams.pieces.count, using: &self)]
        }
        return Array(text.utf8)
    }

    /// The bytes in pieces of one to thirty.
    mutating func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Swift.min(rest.count, Int.random(in: 1...30, using: &self))
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}
