import Testing
import XPMHTTP

@testable import XPMWeb

/// Requests and responses through the proxy, in each framing.
@Suite struct ForwardTests {
    /// Answers each request of a connection in the same way.
    private static func answering(_ response: String, closes: Bool = false) throws -> ScriptedBackend {
        try ScriptedBackend { connection, _ in
            while connection.readHead().hasSuffix("\r\n\r\n") {
                connection.send(response)
                if closes { break }
            }
            connection.close()
        }
    }

    private func response(
        _ response: String, to request: String = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", closes: Bool = false
    ) throws -> String {
        let backend = try Self.answering(response, closes: closes)
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        return try engine.ask(request)
    }

    @Test func aResponseWithLengthPasses() throws {
        let text = "HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\n\r\nhello"
        #expect(try response(text) == text)
    }

    @Test func chunksAndTrailersPassAsTheyAre() throws {
        let text =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: 1\r\n\r\n"
        #expect(try response(text) == text)
    }

    @Test func chunksAreTakenApartForAnOldClient() throws {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: 1\r\n\r\n"
        #expect(
            try response(text, to: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde")
    }

    @Test func whatEndsWithTheConnectionBecomesChunks() throws {
        let text = "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello"
        #expect(
            try response(text, closes: true)
                == "HTTP/1.1 200 OK\r\nServer: old\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        #expect(
            try response(text, to: "GET / HTTP/1.0\r\n\r\n", closes: true)
                == "HTTP/1.1 200 OK\r\nServer: old\r\nConnection: close\r\n\r\nhello")
    }

    @Test(arguments: ["204 No Content", "304 Not Modified"]) func someStatusesHaveNoContent(status: String) throws {
        #expect(try response("HTTP/1.1 \(status)\r\nETag: x\r\n\r\n") == "HTTP/1.1 \(status)\r\nETag: x\r\n\r\n")
    }

    @Test func headHasNoContentWhateverItsLengthSays() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
        #expect(try response(text, to: "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n") == text)
    }

    @Test func interimResponsesPassToNewClientsOnly() throws {
        let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        let final = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
        #expect(try response(hint + "HTTP/1.1 100 Continue\r\n\r\n" + final) == hint + final)
        #expect(try response(hint + final, to: "GET / HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test func endlessInterimResponsesAreRefused() throws {
        let hint = "HTTP/1.1 103 Early Hints\r\n\r\n"
        #expect(try response(String(repeating: hint, count: 100)).contains("HTTP/1.1 502 Bad Gateway"))
    }

    @Test func theRequestArrivesAsItCame() throws {
        let seen = Shared("")
        let backend = try ScriptedBackend { connection, _ in
            seen.set(connection.readHead() + connection.readText(3))
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.close()
        }
        let engine = try RunningEngine(before: backend)
        defer { engine.close() }
        _ = try engine.ask(
            "PUT /a%2Fb//c?x=&y HTTP/1.1\r\nHost: me:1\r\nRange: bytes=0-1\r\nAccept-Encoding: gzip\r\nContent-Length: 3\r\nConnection: keep-alive, X\r\nX: 1\r\n\r\nabc"
        )
        #expect(
            seen.value
                == "PUT /a%2Fb//c?x=&y HTTP/1.1\r\nHost: me:1\r\nRange: bytes=0-1\r\nAccept-Encoding: gzip\r\nContent-Length: 3\r\nxpm-hop: test\r\n\r\nabc"
        )
    }

    @Test func aLoopIs508() throws {
        let engine = try RunningEngine(to: .ipv4(port: 1))
        defer { engine.close() }
        #expect(
            try engine.ask("GET / HTTP/1.1\r\nHost: a\r\nXPM-Hop: test\r\n\r\n").hasPrefix(
                "HTTP/1.1 508 Loop Detected"))
    }

    @Test func aBackendThatCannotBeReachedIsToldOnce() throws {
        let engine = try RunningEngine(to: .ipv4(port: 1), .unix(path: "/nowhere/at-all"))
        defer { engine.close() }
        let text = try engine.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 502 Bad Gateway") && text.hasSuffix("cannotConnect(2)"))
    }

    @Test func theNextBackendIsTriedWhereTheFirstRefuses() throws {
        let backend = try ScriptedBackend(.ipv6(port: 0)) { connection, _ in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nv6")
            connection.close()
        }
        guard case .ipv6(let port) = backend.address else { return }
        let engine = try RunningEngine(to: .ipv4(port: port), backend.address)
        defer {
            engine.close()
            backend.close()
        }
        #expect(try engine.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").hasSuffix("v6"))
    }
}
