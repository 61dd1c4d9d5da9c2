import Glibc
import Synchronization
import Testing
import XPMHTTP

@testable import XPMWeb

/// Much at once: nothing is kept but what is needed.
@Suite(.serialized) struct LoadTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// What waits in this process for clients and backends, by the largest connection.
    private func waiting(_ engine: RunningEngine) -> Int { engine.look { $0.loop.largestOutput } ?? .max }

    @Test func aSlowReaderOfAFastBackendKeepsLittleWaiting() throws {
        let size = 200 << 20
        let sent = Shared(0)
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            let piece = [UInt8](repeating: 9, count: 1 << 20)
            while sent.value < size, connection.send(piece) { sent.change { $0 += piece.count } }
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let client = try engine.connect(receiveBuffer: 64 << 10)
        client.send(Self.request)
        _ = client.readHead()
        var received = 0
        var most = 0
        for _ in 0..<64 {
            received += client.read(64 << 10).count
            most = max(most, waiting(engine))
        }
        // The backend is held up: what it has sent is in buffers of the kernel, and a piece of ours.
        #expect(sent.value < size)
        #expect(most <= 128 << 10)
        while received < size {
            let count = client.read(1 << 20).count
            if count == 0 { break }
            received += count
        }
        #expect(received == size)
        engine.close()
        backend.close()
    }

    @Test func aSlowBackendHoldsUpAnUpload() throws {
        let size = 100 << 20
        let go = Signal()
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            go.wait()
            var count = 0
            while count < size, let bytes = connection.receive(1 << 20), !bytes.isEmpty { count += bytes.count }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(String(count).count)\r\n\r\n\(count)")
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let client = try engine.connect()
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
        let sent = Shared(0)
        let sender = LoopThread {
            let piece = [UInt8](repeating: 9, count: 1 << 20)
            while sent.value < size, client.send(piece) { sent.change { $0 += piece.count } }
        }
        while engine.look({ $0.loop.largestOutput }) == 0 {}
        #expect(waiting(engine) <= 128 << 10)
        #expect(sent.value < size)
        go.set()
        #expect(client.readHead().hasPrefix("HTTP/1.1 200"))
        #expect(client.readText(9) == "\(size)")
        sender.join()
        engine.close()
        backend.close()
    }

    @Test func thousandsOfIdleWebSocketsCostLittle() throws {
        let count = Self.descriptors(wanted: 40_600) / 4 - 100
        let wanted = min(count, 10_000)
        try #require(wanted > 100)
        // One thread for all: it answers each, and keeps it.
        let backend = try ManyUpgrades()
        let engine = try RunningEngine(to: backend.address, limits: Self.limits(clients: wanted + 10))
        var clients: [RawSocket] = []
        let before = Self.resident()
        for _ in 0..<wanted {
            let client = try engine.connect()
            client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
            guard client.readHead().hasPrefix("HTTP/1.1 101 ") else { break }
            clients.append(client)
        }
        let each = (Self.resident() - before) / wanted
        #expect(clients.count == wanted)
        // Both ends of the test are in it, too.
        #expect(each < 8192, "\(each) bytes each")
        // All of them work still.
        for client in clients.prefix(50) + clients.suffix(50) {
            client.send([0x81, 0x80, 0, 0, 0, 0])
            #expect(client.read(1) == [0x81])
        }
        clients = []
        backend.close()
        engine.close()
    }

    @Test func whatIsNotInUseIsClosedForDescriptors() throws {
        let backend = try ScriptedBackend { connection, _ in
            while connection.readHead().hasSuffix("\r\n\r\n") {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let first = try engine.connect()
        first.send(Self.request)
        #expect(first.readHead().hasPrefix("HTTP/1.1 200"))
        #expect(first.readText(2) == "ok")
        #expect(engine.look { $0.relieve() } == true)
        #expect(engine.look { $0.pool.count } == 0)
        #expect(engine.look { $0.relieve() } == true)
        #expect(first.isAtEnd())
        #expect(engine.look { $0.relieve() } == false)
        engine.close()
        backend.close()
    }

    private static func limits(clients: Int) -> EngineLimits {
        var limits = EngineLimits()
        limits.clients = clients
        return limits
    }

    /// Raises the limit of descriptors as far as it may be: what it is then.
    private static func descriptors(wanted: UInt) -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(resource, &limit)
        if limit.rlim_cur >= wanted { return Int(limit.rlim_cur) }
        var raised = rlimit(rlim_cur: wanted, rlim_max: max(wanted, limit.rlim_max))
        if setrlimit(resource, &raised) != 0 {
            raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
            setrlimit(resource, &raised)
        }
        getrlimit(resource, &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// The memory of this process.
    private static func resident() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        fgets(&line, 128, file)
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }
}

/// A backend that switches protocols for everybody and echoes, on a loop of its own.
final class ManyUpgrades: Sendable {
    let address: BackendAddress
    private let waker: Waker
    private let thread: LoopThread

    init() throws {
        let started = Shared<(port: UInt16, waker: Waker)?>(nil)
        let ready = Signal()
        thread = LoopThread {
            guard let loop = try? EventLoop() else { return ready.set() }
            let listener = try? Listener(.ipv4(port: 0), on: loop, relieved: { false }) { descriptor in
                var isUpgraded = false
                _ = try? loop.register(descriptor, for: .readable) { _ in
                    var buffer = [UInt8](repeating: 0, count: 4096)
                    let count = recv(descriptor, &buffer, 4096, 0)
                    if count <= 0 { return loop.close(descriptor) }
                    let answer = Array(
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n".utf8)
                    let bytes = isUpgraded ? Array(buffer[..<count]) : answer
                    isUpgraded = true
                    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                }
            }
            if case .ipv4(let port) = listener?.address, let waker = try? Waker(on: loop, { loop.stop() }) {
                started.set((port, waker))
            }
            ready.set()
            loop.run()
            listener?.close()
        }
        ready.wait()
        guard let (port, waker) = started.value else { throw SystemError("start a backend", 0) }
        (address, self.waker) = (.ipv4(port: port), waker)
    }

    func close() {
        waker.wake()
        thread.join()
    }
}
