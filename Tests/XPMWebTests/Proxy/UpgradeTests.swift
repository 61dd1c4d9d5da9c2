import Synchronization
import Testing
import XPMHTTP

@testable import XPMWeb

/// Connections that become another protocol's.
@Suite struct UpgradeTests {
    private static let request =
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: x\r\n\r\n"
    private static let switching =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: x\r\n\r\n"

    final class Meter: ActivityMeter, Sendable {
        let log = Shared<[String]>([])
        func begin() { log.change { $0.append("begin") } }
        func end() { log.change { $0.append("end") } }
        func data() { log.change { $0.append("data") } }
    }

    @Test func theBackendAnswersFirstAndBytesBehindBothHeadsPass() throws {
        let backend = try ScriptedBackend { connection, _ in
            #expect(connection.readHead().hasSuffix("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"))
            connection.send(Self.switching + "early")
            #expect(connection.readText(10) == "optimistic")
            connection.send("late")
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        let client = try engine.connect()
        client.send(Self.request + "optimistic")
        let head = client.readHead()
        #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n") && head.contains("Sec-WebSocket-Protocol: x"))
        #expect(client.readAll() == "earlylate")
    }

    @Test func eachSideEndsByItself() throws {
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send(Self.switching)
            // All of what the client sends, up to its end; then an answer to that.
            connection.send("\(connection.readAll().utf8.count)")
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        let client = try engine.connect()
        client.send(Self.request)
        _ = client.readHead()
        client.send([UInt8](repeating: 7, count: 3_000_000))
        client.endOutput()
        #expect(client.readAll() == "3000000")
        while engine.look({ $0.clientCount }) != 0 {}
    }

    @Test func aBackendThatEndsFirstStillListens() throws {
        let heard = Shared("")
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send(Self.switching + "bye")
            connection.endOutput()
            heard.set(connection.readAll())
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let client = try engine.connect()
        client.send(Self.request)
        _ = client.readHead()
        #expect(client.readAll() == "bye")
        client.send("I heard you")
        client.close()
        backend.close()
        engine.close()
        #expect(heard.value == "I heard you")
    }

    @Test func aRefusedUpgradeIsAnOrdinaryResponse() throws {
        let backend = try ScriptedBackend { connection, _ in
            while connection.readHead().hasSuffix("\r\n\r\n") {
                connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
            }
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let text = try engine.ask(Self.request + Self.request)
        #expect(text.split(separator: "HTTP/1.1 403 Forbidden\r\n").count == 2)
        engine.close()
        backend.close()
    }

    @Test func anUpgradeIntoHTTP2IsNotPassed() throws {
        let backend = try ScriptedBackend { connection, _ in
            #expect(!connection.readHead().lowercased().contains("upgrade"))
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let text = try engine.ask(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n"
        )
        #expect(text.hasPrefix("HTTP/1.1 200"))
        engine.close()
        backend.close()
    }

    @Test func noUpgradeIsAnsweredBeforeABackendIsThere() throws {
        let engine = try RunningEngine(to: .ipv4(port: 1))
        defer { engine.close() }
        #expect(try engine.ask(Self.request).hasPrefix("HTTP/1.1 502 "))
    }

    @Test func dataIsActivityAndPingsAreNot() throws {
        let meter = Meter()
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send(Self.switching)
            // A ping of each side, then a text.
            connection.send([0x89, 0])
            #expect(connection.read(6).count == 6)
            connection.send([0x81, 1, 65])
            #expect(connection.read(7).count == 7)
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address, meter: { meter })
        let client = try engine.connect()
        client.send(Self.request)
        _ = client.readHead()
        #expect(client.read(2) == [0x89, 0])
        #expect(meter.log.value == ["begin", "end"])
        client.send([0x89, 0x80, 1, 2, 3, 4])
        #expect(client.read(3) == [0x81, 1, 65])
        #expect(meter.log.value == ["begin", "end", "data"])
        client.send([0x82, 0x81, 1, 2, 3, 4, 5])
        #expect(client.isAtEnd())
        #expect(meter.log.value == ["begin", "end", "data", "data"])
        engine.close()
        backend.close()
    }
}
