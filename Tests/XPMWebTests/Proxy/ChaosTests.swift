import Glibc
import SeededRandom
import Testing
import XPMHTTP

@testable import XPMWeb

/// Clients and backends that do anything at any moment: whatever they do, it ends, and others are served.
@Suite struct ChaosTests {
    private static let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\u{1}\u{0}",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + String(repeating: "x", count: 300_000),
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.1\nbroken\n\n",
    ]
    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\n\r\nuntil the end",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\u{1}\u{0}",
        "HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + String(repeating: "y", count: 400_000),
        "HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "nonsense\r\n\r\n", "",
    ]

    /// Sends a part of a text, or all, in pieces; then goes on, ends its side, closes or resets.
    private static func act(_ text: String, on socket: RawSocket, _ random: inout SeededRandom) -> Bool {
        var bytes = Array(text.utf8)[...]
        if random.oneIn(4) { bytes = bytes.prefix(Int(random.next() % UInt64(bytes.count + 1))) }
        while !bytes.isEmpty {
            let count = random.oneIn(2) ? bytes.count : Int(random.next() % UInt64(bytes.count)) + 1
            guard socket.send(Array(bytes.prefix(count))) else { break }
            bytes = bytes.dropFirst(count)
        }
        switch random.next() % 8 {
        case 0: socket.reset()
        case 1: socket.close()
        case 2: socket.endOutput()
        default: return true
        }
        return false
    }

    @Test(arguments: 0..<6) func everythingEndsAndOthersAreServed(number: UInt64) throws {
        let seed = SeededRandom.seed &+ number
        var limits = EngineLimits()
        (
            limits.head, limits.idle, limits.content, limits.response, limits.lingering, limits.halfClosed,
            limits.pooled
        ) = (
            .milliseconds(20), .milliseconds(20), .milliseconds(20), .milliseconds(20), .milliseconds(20),
            .milliseconds(20), .milliseconds(3)
        )
        (limits.stall, limits.halfClosedTunnel, limits.clients, limits.heading) = (
            .milliseconds(40), .milliseconds(40), 24, 4
        )
        let backend = try ScriptedBackend { connection, number in
            var random = SeededRandom(seed: seed &+ UInt64(number))
            while let bytes = connection.receive(), !bytes.isEmpty {
                let response = Self.responses[Int(random.next() % UInt64(Self.responses.count))]
                guard Self.act(response, on: connection, &random), !response.isEmpty else { break }
            }
            connection.close()
        }
        let address = backend.address
        let count = Shared(0)
        let engine = try RunningEngine(limits: limits) { exchange in
            let forward = Forward(
                backends: [address], pool: "chaos", request: RequestRewriting(), response: ResponseRewriting(),
                activity: nil, failed: { exchange, _ in exchange.answer(Answer(502)) })
            count.change { $0 += 1 }
            switch count.value % 5 {
            case 0: exchange.collect(limit: 1000) { exchange.answer(Answer(200, body: $0)) }
            case 1:
                let stream = exchange.stream(AnswerHead(status: 200))
                stream.watch(room: { stream.finish() }, closed: {})
                for _ in 0..<20 where stream.hasRoom { stream.write([UInt8](repeating: 1, count: 50_000)) }
                if stream.hasRoom { stream.finish() }
            default: exchange.forward(forward)
            }
        }
        let clients = (0..<6).map { worker in
            LoopThread {
                var random = SeededRandom(seed: seed &* 131 &+ UInt64(worker))
                for _ in 0..<60 {
                    guard let client = try? engine.connect() else { continue }
                    client.setPatience(milliseconds: 100)
                    for _ in 0..<4 {
                        let request = Self.requests[Int(random.next() % UInt64(Self.requests.count))]
                        guard Self.act(request, on: client, &random) else { break }
                        if random.oneIn(2), client.receive()?.isEmpty ?? true { break }
                    }
                    client.close()
                }
            }
        }
        for client in clients { client.join() }
        // Deadlines end whatever is left.
        while engine.look({ $0.clientCount }) != 0 {}
        while engine.look({ $0.loop.connectionCount }) != 0 {}
        #expect(engine.look { $0.pool.count } == 0, "seed \(seed)")
        #expect(engine.look { $0.heading.count + $0.resting.count } == 0, "seed \(seed)")
        engine.close()
        backend.close()
    }
}
