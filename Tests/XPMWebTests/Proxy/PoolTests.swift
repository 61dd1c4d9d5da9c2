import Glibc
import Testing
import XPMHTTP

@testable import XPMWeb

/// Connections to backends that are used again.
@Suite struct PoolTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func oneConnectionCarriesManyRequests() throws {
        let backend = try ScriptedBackend { connection, _ in
            while connection.readHead().hasSuffix("\r\n\r\n") { connection.send(Self.ok) }
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        for _ in 0..<5 { #expect(try engine.ask(Self.request + Self.request).hasSuffix("ok")) }
        #expect(backend.connections == 1)
        #expect(engine.look { $0.pool.count } == 1)
        engine.close()
        backend.close()
    }

    /// A backend that closes its first connection once the second request has come on it: too late to be noticed before.
    private func closingBackend() throws -> ScriptedBackend {
        try ScriptedBackend { connection, number in
            if number == 0 {
                _ = connection.readHead()
                connection.send(Self.ok)
                _ = connection.readHead()
            } else {
                while connection.readHead().hasSuffix("\r\n\r\n") { connection.send(Self.ok) }
            }
            connection.close()
        }
    }

    @Test func aRequestThatMayBeSentTwiceIsTriedOnceMore() throws {
        let backend = try closingBackend()
        let engine = try RunningEngine(to: backend.address)
        #expect(try engine.ask(Self.request).hasSuffix("ok"))
        #expect(try engine.ask(Self.request).hasSuffix("ok"))
        #expect(backend.connections == 2)
        engine.close()
        backend.close()
    }

    @Test func whatMayNotBeSentTwiceGetsAConnectionOfItsOwn() throws {
        let backend = try closingBackend()
        let engine = try RunningEngine(to: backend.address)
        #expect(try engine.ask(Self.request).hasSuffix("ok"))
        #expect(try engine.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").hasSuffix("ok"))
        #expect(backend.connections == 2)
        engine.close()
        backend.close()
    }

    @Test func aConnectionThatTheBackendHasClosedIsNotUsed() throws {
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send(Self.ok)
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        for number in 0..<40 {
            let method = number % 2 == 0 ? "GET" : "POST"
            let text = try engine.ask("\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            #expect(text.hasSuffix("ok"))
        }
        engine.close()
        backend.close()
    }

    @Test func anUnusedConnectionIsClosedAfterAWhile() throws {
        var limits = EngineLimits()
        limits.pooled = .milliseconds(20)
        let ended = Signal()
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send(Self.ok)
            #expect(connection.isAtEnd())
            ended.set()
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address, limits: limits)
        #expect(try engine.ask(Self.request).hasSuffix("ok"))
        ended.wait()
        #expect(engine.look { $0.pool.count } == 0)
        engine.close()
        backend.close()
    }

    @Test(arguments: [3, 150]) func aUnixSocketIsReachedWhateverItsPathIs(length: Int) throws {
        let folder = String(cString: mkdtemp(strdup("/tmp/xpm-web-XXXXXX")))
        let name = String(repeating: "s", count: length)
        defer {
            unlink("\(folder)/\(name)")
            rmdir(folder)
        }
        let opened = open(folder, O_RDONLY | O_CLOEXEC)
        defer { close(opened) }
        // Bound below a short name and renamed, as no path of this length can be bound.
        let backend = try ScriptedBackend(.unix(path: "\(folder)/s")) { connection, _ in
            while connection.readHead().hasSuffix("\r\n\r\n") { connection.send(Self.ok) }
            connection.close()
        }
        rename("\(folder)/s", "\(folder)/\(name)")
        let engine = try RunningEngine(to: .unix(path: "\(folder)/\(name)"))
        #expect(try engine.ask(Self.request).hasSuffix("ok"))
        engine.close()
        backend.close()
    }

    @Test func aBackendWithoutRoomForAnotherConnectionIsTriedAgain() throws {
        let folder = String(cString: mkdtemp(strdup("/tmp/xpm-web-XXXXXX")))
        defer {
            unlink(folder + "/s")
            rmdir(folder)
        }
        let begins = Signal()
        let backend = try ScriptedBackend(.unix(path: folder + "/s"), backlog: 0, begins: begins) { connection, _ in
            while connection.readHead().hasSuffix("\r\n\r\n") { connection.send(Self.ok) }
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let clients = try (0..<6).map { _ in
            let client = try engine.connect()
            client.send(Self.request)
            return client
        }
        begins.set()
        for client in clients { #expect(client.readHead().hasPrefix("HTTP/1.1 200")) }
        engine.close()
        backend.close()
    }

    @Test func theEngineListensAtAPathOfAnyLengthAndReplacesADeadSocket() throws {
        let folder = String(cString: mkdtemp(strdup("/tmp/xpm-web-XXXXXX")))
        let path = folder + "/" + String(repeating: "d", count: 100)
        mkdir(path, 0o700)
        defer {
            unlink(path + "/web")
            rmdir(path)
            rmdir(folder)
        }
        for _ in 0..<2 {
            let engine = try RunningEngine(.unix(path: path + "/web")) { $0.answer(Answer(200)) }
            var status = stat()
            #expect(stat(path + "/web", &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(throws: SystemError.self) { try RunningEngine(.unix(path: path + "/web")) { _ in } }
            engine.close()
        }
    }
}
