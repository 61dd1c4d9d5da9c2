import Testing
import XPMHTTP

@testable import XPMWeb

/// Clients that mean no good, or know no better.
@Suite struct HostileClientTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Counts the heads that reach it.
    private func backend(_ heads: Shared<[String]>) throws -> ScriptedBackend {
        try ScriptedBackend { connection, _ in
            while true {
                let head = connection.readHead()
                if !head.isEmpty { heads.change { $0.append(head) } }
                guard head.hasSuffix("\r\n\r\n") else { break }
                connection.send(Self.ok)
            }
            connection.close()
        }
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n Y: 2\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
    ])
    func whatCanBeReadInTwoWaysNeverReachesABackend(text: String) throws {
        let heads = Shared<[String]>([])
        let backend = try backend(heads)
        let engine = try RunningEngine(to: backend.address)
        let answer = try engine.ask(text + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        engine.close()
        backend.close()
        #expect(answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"))
        #expect(answer.contains("Connection: close") && !answer.contains("200 OK"))
        #expect(heads.value.isEmpty)
    }

    @Test(arguments: [
        "5 \r\nabcde\r\n", "5\nabcde\r\n", "5\r\nabcdefg", "-1\r\n", "0x5\r\nabcde\r\n", "fffffffffffffffff\r\n",
    ])
    func aTrickOfChunksEndsTheConnectionAndNothingBehindIsARequest(chunks: String) throws {
        let heads = Shared<[String]>([])
        let backend = try backend(heads)
        let engine = try RunningEngine(to: backend.address)
        let answer = try engine.ask(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        engine.close()
        backend.close()
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(!heads.value.contains { $0.contains("GET /smuggled") })
    }

    @Test func anEndlessHeadIsRefusedWithoutBeingKept() throws {
        let engine = try RunningEngine { $0.answer(Answer(200)) }
        defer { engine.close() }
        let client = try engine.connect()
        let sender = LoopThread {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            client.send([UInt8](repeating: 65, count: 4 << 20))
            client.endOutput()
        }
        #expect(client.readHead().hasPrefix("HTTP/1.1 431 "))
        sender.join()
        let many = try engine.connect()
        many.send("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: 1\r\n", count: 200))
        #expect(many.readHead().hasPrefix("HTTP/1.1 431 "))
    }

    @Test func fewHalfHeadsAreKeptAtATime() throws {
        var limits = EngineLimits()
        limits.heading = 10
        let engine = try RunningEngine(limits: limits) { $0.answer(Answer(200)) }
        defer { engine.close() }
        let flood = try (0..<100).map { _ in
            let client = try engine.connect()
            client.send("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 60_000))
            return client
        }
        for client in flood.prefix(90) { #expect(client.isAtEnd()) }
        #expect(engine.look { $0.heading.count } == 10)
        let last = flood[99]
        last.send("\r\nHost: a\r\n\r\n")
        #expect(last.readHead().hasPrefix("HTTP/1.1 200"))
    }

    @Test func aHeadThatDoesNotComeIs408AndAnIdleConnectionIsClosed() throws {
        var limits = EngineLimits()
        (limits.head, limits.idle) = (.milliseconds(50), .milliseconds(100))
        let engine = try RunningEngine(limits: limits) { $0.answer(Answer(200)) }
        defer { engine.close() }
        let (slow, idle) = (try engine.connect(), try engine.connect())
        slow.send("GET / HTTP/1.1\r\nHost:")
        #expect(slow.readAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(idle.isAtEnd())
    }

    @Test func contentThatStallsIs408() throws {
        var limits = EngineLimits()
        limits.content = .milliseconds(50)
        let engine = try RunningEngine(limits: limits) { exchange in
            exchange.collect(limit: 100) { _ in exchange.answer(Answer(200)) }
        }
        defer { engine.close() }
        let client = try engine.connect()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        #expect(client.readAll().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func atTheLimitIdleClientsGoFirstAndBusyOnesStay() throws {
        var limits = EngineLimits()
        limits.clients = 4
        let exchanges = Shared(0)
        let seen = Signal()
        let engine = try RunningEngine(limits: limits) { exchange in
            // Unanswered.
            if exchange.text(exchange.head.methodRange) == "PUT" {
                exchanges.change { $0 += 1 }
                seen.set()
            } else {
                exchange.answer(Answer(200))
            }
        }
        defer { engine.close() }
        let busy = try (0..<2).map { _ in try engine.connect() }
        for client in busy { client.send("PUT / HTTP/1.1\r\nHost: a\r\n\r\n") }
        for _ in busy { seen.wait() }
        let idle = try engine.connect()
        idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(idle.readHead().hasPrefix("HTTP/1.1 200"))
        // A flood of clients that say nothing, or not enough.
        let flood = try (0..<50).map { number in
            let client = try engine.connect()
            if number % 2 == 0 { client.send("GET / HT") }
            return client
        }
        let fresh = try engine.connect()
        fresh.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(fresh.readHead().hasPrefix("HTTP/1.1 200"))
        #expect(idle.isAtEnd())
        #expect(engine.look { $0.clientCount } == 4)
        #expect(exchanges.value == 2)
        withExtendedLifetime(flood) {}
    }

    @Test func atTheLimitOfBusyClientsAnotherOneIs503() throws {
        var limits = EngineLimits()
        limits.clients = 1
        let seen = Signal()
        let engine = try RunningEngine(limits: limits) { _ in seen.set() }
        defer { engine.close() }
        let busy = try engine.connect()
        busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        seen.wait()
        let other = try engine.connect()
        #expect(other.readAll().hasPrefix("HTTP/1.1 503 "))
        withExtendedLifetime(busy) {}
    }

    @Test func aClientThatResetsIsToldOnce() throws {
        let seen = Signal()
        let gone = Signal()
        let engine = try RunningEngine { exchange in
            exchange.whenAborted { gone.set() }
            seen.set()
        }
        defer { engine.close() }
        let client = try engine.connect()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        seen.wait()
        client.reset()
        gone.wait()
        #expect(engine.look { $0.clientCount } == 0)
    }

    @Test func aClientThatHasEndedItsSideGetsItsAnswerOrIsGivenUp() throws {
        var limits = EngineLimits()
        limits.halfClosed = .milliseconds(50)
        let gone = Signal()
        let engine = try RunningEngine(limits: limits) { exchange in exchange.whenAborted { gone.set() } }
        defer { engine.close() }
        let client = try engine.connect()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.endOutput()
        gone.wait()
        #expect(client.isAtEnd())
    }
}
