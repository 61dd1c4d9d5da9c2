import Testing
import XPMHTTP

@testable import XPMWeb

/// What the connection does for answers of our own.
@Suite struct AnswerTests {
    /// `/answer`, `/collect` gives the content back, `/stream` sends three pieces.
    private func engine() throws -> RunningEngine {
        try RunningEngine { exchange in
            switch exchange.head.target.map({ exchange.text($0.path) }) {
            case "/collect": exchange.collect(limit: 10) { exchange.answer(Answer(200, body: $0)) }
            case "/stream":
                let stream = exchange.stream(AnswerHead(status: 200))
                for piece in ["a", "", "bc"] { stream.write(Array(piece.utf8)) }
                stream.finish()
            case "/large": exchange.answer(Answer(200, body: [UInt8](repeating: 65, count: 3 << 20)))
            default: exchange.answer(Answer(200, type: "text/plain", text: "hello"))
            }
        }
    }

    @Test func anAnswerHasItsLengthAndTheConnectionGoesOn() throws {
        let engine = try engine()
        defer { engine.close() }
        let client = try engine.connect()
        for _ in 0..<3 {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(
                client.readHead() == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n")
            #expect(client.readText(5) == "hello")
        }
    }

    @Test func requestsInOnePieceAreAnsweredInTheirOrder() throws {
        let engine = try engine()
        defer { engine.close() }
        let posts = (0..<50).map { "POST /collect HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\(10 + $0)" }
        let text = try engine.ask(posts.joined() + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let answers = text.split(separator: "HTTP/1.1 200 OK\r\n")
        #expect(answers.count == 51)
        for (number, answer) in answers.dropLast().enumerated() { #expect(answer.hasSuffix("\r\n\r\n\(10 + number)")) }
        #expect(answers.last?.hasSuffix("Connection: close\r\n\r\nhello") == true)
    }

    @Test func headHasTheLengthAndNoContent() throws {
        let engine = try engine()
        defer { engine.close() }
        let text = try engine.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(text.contains("Content-Length: 5\r\n\r\nHTTP/1.1 200"))
        #expect(text.hasSuffix("Transfer-Encoding: chunked\r\n\r\n"))
    }

    @Test func aStreamIsChunkedAndEndsTheConnectionOfAnOldClient() throws {
        let engine = try engine()
        defer { engine.close() }
        #expect(
            try engine.ask("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").hasSuffix(
                "\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"))
        let old = try engine.ask("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(old == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")
    }

    @Test func contentIsCollectedOutOfChunksAfter100() throws {
        let engine = try engine()
        defer { engine.close() }
        let client = try engine.connect()
        client.send(
            "POST /collect HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
        #expect(client.readHead().hasPrefix("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"))
        #expect(client.readText(5) == "abcde")
    }

    @Test(arguments: [
        "Content-Length: 11\r\n\r\n01234567890", "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
    ])
    func moreThanTheLimitIs413(framing: String) throws {
        let engine = try engine()
        defer { engine.close() }
        let text = try engine.ask("POST /collect HTTP/1.1\r\nHost: a\r\n\(framing)")
        #expect(text.hasPrefix("HTTP/1.1 413 Content Too Large\r\n") && text.contains("Connection: close"))
    }

    @Test func contentThatNobodyWantsIsDroppedOrEndsTheConnection() throws {
        let engine = try engine()
        defer { engine.close() }
        let next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let small = try engine.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET \(next)")
        #expect(small.split(separator: "hello").count == 2)
        let client = try engine.connect()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
        #expect(client.readAll().hasSuffix("Connection: close\r\n\r\nhello"))
        let waiting = try engine.connect()
        waiting.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        #expect(waiting.readAll().contains("Connection: close"))
    }

    @Test func otherExpectationsAre417AndConnectAndTraceAre405() throws {
        let engine = try engine()
        defer { engine.close() }
        #expect(try engine.ask("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n").hasPrefix("HTTP/1.1 417 "))
        #expect(try engine.ask("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").hasPrefix("HTTP/1.1 405 "))
        #expect(try engine.ask("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 405 "))
    }

    @Test func aLargeAnswerIsWhole() throws {
        let engine = try engine()
        defer { engine.close() }
        let client = try engine.connect()
        client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.readHead().contains("Content-Length: 3145728\r\n"))
        #expect(client.read(3 << 20).count == 3 << 20)
        #expect(client.readHead().contains("Content-Length: 5\r\n"))
    }
}

/// Exchanges that came to an end in any way leave nothing.
@Suite struct LeftoverTests {
    private final class Witness: Sendable {
        let gone: Shared<Int>
        init(_ gone: Shared<Int>) { self.gone = gone }
        deinit { gone.change { $0 += 1 } }
    }

    @Test func whatAHandlerHoldsIsGoneWithTheClient() throws {
        let gone = Shared(0)
        let seen = Signal()
        let engine = try RunningEngine { exchange in
            let witness = Witness(gone)
            exchange.whenAborted { _ = (witness, exchange) }
            switch exchange.text(exchange.head.methodRange) {
            case "PUT": exchange.collect(limit: 10) { _ in exchange.answer(Answer(200, [("X", "\(witness)")])) }
            case "GET":
                let stream = exchange.stream(AnswerHead(status: 200))
                stream.watch(room: { _ = (stream, witness) }, closed: { _ = (stream, witness) })
                stream.write([65])
                if exchange.head.version == .http10 { stream.finish() }
            default: break
            }
            seen.set()
        }
        for request in [
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            let client = try engine.connect()
            client.send(request)
            seen.wait()
            client.reset()
        }
        while engine.look({ $0.clientCount }) != 0 {}
        #expect(gone.value == 4)
        engine.close()
    }
}
