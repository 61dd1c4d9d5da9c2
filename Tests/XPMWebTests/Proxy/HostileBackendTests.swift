import Testing
import XPMHTTP

@testable import XPMWeb

/// Backends that break off, lie or say nothing.
@Suite struct HostileBackendTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// What a client sees of a backend that sends a text and closes.
    private func see(_ text: String, request: String = request, resets: Bool = false) throws -> String {
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send(text)
            if resets { connection.reset() } else { connection.close() }
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        return try engine.ask(request)
    }

    @Test(arguments: ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"])
    func whatEndsBeforeTheResponseIs502(text: String) throws {
        let seen = try see(text)
        #expect(seen.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n") && seen.hasSuffix("closed(afterSending: true)"))
    }

    @Test(arguments: [
        "hello", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 099 Low\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" + String(repeating: "X: 1\r\n", count: 500),
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 200_000),
    ])
    func whatIsNoResponseIs502(text: String) throws {
        let seen = try see(text)
        #expect(seen.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n") && seen.contains("malformed("))
    }

    @Test func contentThatBreaksOffIsNotMadeWhole() throws {
        #expect(try see("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc").hasSuffix("\r\n\r\nabc"))
        let chunked = try see("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        #expect(chunked.hasSuffix("3\r\nabc\r\n"))
        let endless = try see("HTTP/1.1 200 OK\r\n\r\nabc", resets: true)
        #expect(!endless.hasSuffix("0\r\n\r\n"))
    }

    @Test func anOldClientSeesThatItsContentBrokeOff() throws {
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        let client = try engine.connect()
        client.send("GET / HTTP/1.0\r\n\r\n")
        while let bytes = client.receive() {
            // An end would pass for the end of the content.
            guard !bytes.isEmpty else {
                Issue.record("the content has ended")
                break
            }
        }
    }

    @Test func aTrickInAResponsesChunksEndsTheConnection() throws {
        let seen = try see(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5 \r\nabcde\r\n0\r\n\r\n")
        #expect(!seen.contains("abcde"))
    }

    @Test func whatComesBehindAResponseReachesNobody() throws {
        let backend = try ScriptedBackend { connection, number in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)HTTP/1.1 200 OK\r\n\r\nevil")
            _ = connection.receive()
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        let text = try engine.ask(Self.request + Self.request)
        #expect(!text.contains("evil") && text.hasSuffix("\r\n\r\n1"))
    }

    @Test func noResponseWithinTheTimeIsAFailure() throws {
        var limits = EngineLimits()
        limits.response = .milliseconds(50)
        let done = Signal()
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            done.wait()
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address, limits: limits)
        #expect(try engine.ask(Self.request).hasSuffix("timedOut"))
        done.set()
        engine.close()
        backend.close()
    }

    @Test func anEarlyResponsePassesWhileTheUploadGoesOn() throws {
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            let content = connection.readText(6)
            connection.send("6\r\n\(content)\r\n0\r\n\r\n")
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        let client = try engine.connect()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n")
        #expect(client.read(through: "abc\r\n").hasSuffix("3\r\nabc\r\n"))
        client.send("upload")
        #expect(client.read(through: "0\r\n\r\n") == "6\r\nupload\r\n0\r\n\r\n")
    }

    @Test func anAnswerThatEndsAnUploadReachesTheClient() throws {
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            connection.endOutput()
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        let client = try engine.connect()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n")
        let sender = LoopThread {
            let piece = [UInt8](repeating: 1, count: 1 << 16)
            for _ in 0..<700 where client.send(piece) {}
        }
        #expect(client.readHead().hasPrefix("HTTP/1.1 413 Too Large\r\n"))
        #expect(client.readText(2) == "no")
        client.endOutput()
        sender.join()
    }

    @Test func theContinueOfABackendPasses() throws {
        let backend = try ScriptedBackend { connection, _ in
            let head = connection.readHead()
            #expect(head.contains("Expect: 100-continue\r\n"))
            connection.send("HTTP/1.1 100 Continue\r\n\r\n")
            let content = connection.readText(3)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\(content)")
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        let client = try engine.connect()
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("abc")
        #expect(client.readHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(client.readText(3) == "abc")
    }
}
