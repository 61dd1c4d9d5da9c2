import SeededRandom
import Testing
import XPMHTTP

@testable import XPMWeb

/// Requests and responses in each framing, cut at random places: what arrives never depends on where.
@Suite struct SplitTests {
    private enum Framing: CaseIterable { case length, chunked, untilClose, trailers }

    /// Sends in pieces, often of one byte.
    private static func send(_ bytes: [UInt8], on socket: RawSocket, _ random: inout SeededRandom) {
        var start = 0
        let most = [1, 3, 40, 5000][Int(random.next() % 4)]
        while start < bytes.count {
            let count = min(Int.random(in: 1...most, using: &random), bytes.count - start)
            guard socket.send(Array(bytes[start..<(start + count)])) else { return }
            start += count
        }
    }

    private static func chunks(_ bytes: [UInt8], trailer: String = "", _ random: inout SeededRandom) -> [UInt8] {
        var (result, start): ([UInt8], Int) = ([], 0)
        while start < bytes.count {
            let count = Int.random(in: 1...(bytes.count - start), using: &random)
            let size = String(count, radix: 16) + (random.next() % 4 == 0 ? ";x=\"y\"" : "")
            result += Array("\(size)\r\n".utf8) + bytes[start..<(start + count)] + [13, 10]
            start += count
        }
        return result + Array("0\r\n\(trailer)\r\n".utf8)
    }

    /// The content behind a head that was read; nil where it has no end.
    private static func content(behind head: String, from socket: RawSocket) -> [UInt8]? {
        let lower = head.lowercased()
        if lower.contains("transfer-encoding: chunked") {
            var bytes: [UInt8] = []
            while true {
                let line = socket.read(through: "\r\n")
                guard let size = Int(line.prefix { $0.isHexDigit }, radix: 16) else { return nil }
                if size == 0 { break }
                bytes += socket.read(size)
                guard socket.readText(2) == "\r\n" else { return nil }
            }
            while true {
                let line = socket.read(through: "\r\n")
                if line == "\r\n" { return bytes }
                guard line.hasSuffix("\r\n") else { return nil }
            }
        }
        guard let place = lower.firstRange(of: "content-length: ") else { return nil }
        let count = Int(lower[place.upperBound...].prefix { $0.isNumber }) ?? 0
        let bytes = socket.read(count)
        return bytes.count == count ? bytes : nil
    }

    /// Gives back the content of each request, in a framing and in pieces that the seed says.
    private static func echo(seed: UInt64) throws -> ScriptedBackend {
        try ScriptedBackend { connection, number in
            var random = SeededRandom(seed: seed &+ UInt64(number) &* 977)
            while true {
                let head = connection.readHead()
                guard head.hasSuffix("\r\n\r\n"), let content = content(behind: head, from: connection) else { break }
                let framing = Framing.allCases[Int(random.next() % 4)]
                var response = Array((random.next() % 3 == 0 ? "HTTP/1.1 103 Early Hints\r\n\r\n" : "").utf8)
                switch framing {
                case .length:
                    response += Array("HTTP/1.1 200 OK\r\nContent-Length: \(content.count)\r\n\r\n".utf8) + content
                case .chunked:
                    response += Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
                    response += chunks(content, &random)
                case .trailers:
                    response += Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n".utf8)
                    response += chunks(content, trailer: "X: 1\r\n", &random)
                case .untilClose: response += Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + content
                }
                send(response, on: connection, &random)
                if framing == .untilClose { break }
            }
            connection.close()
        }
    }

    @Test(arguments: 0..<24) func whatArrivesDoesNotDependOnWhereItIsCut(number: UInt64) throws {
        let seed = SeededRandom.seed &+ number
        var random = SeededRandom(seed: seed)
        let backend = try Self.echo(seed: seed)
        let engine = try RunningEngine(to: backend.address)
        let client = try engine.connect()
        var contents: [[UInt8]] = []
        var stream: [UInt8] = []
        for _ in 0..<12 {
            let count = [0, 1, 100, 20_000][Int(random.next() % 4)]
            let content = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            contents.append(content)
            let head = "POST / HTTP/1.1\r\nHost: a\r\n"
            if random.next() % 2 == 0 {
                stream += Array("\(head)Content-Length: \(count)\r\n\r\n".utf8) + content
            } else {
                stream += Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8) + Self.chunks(content, &random)
            }
        }
        let (all, sendSeed) = (stream, seed &* 31)
        let sender = LoopThread {
            var random = SeededRandom(seed: sendSeed)
            Self.send(all, on: client, &random)
        }
        for content in contents {
            var head = client.readHead()
            while head.hasPrefix("HTTP/1.1 103") { head = client.readHead() }
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"), "seed \(seed)")
            #expect(Self.content(behind: head, from: client) == content, "seed \(seed)")
        }
        sender.join()
        client.close()
        engine.close()
        backend.close()
    }

    @Test func anUpgradeIsTheSameWhereverItIsCut() throws {
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nclient"
        let response = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nserver"
        let cut = Shared(1)
        let backend = try ScriptedBackend { connection, _ in
            _ = connection.readHead()
            let bytes = Array(response.utf8)
            let place = cut.value % bytes.count
            connection.send(Array(bytes[..<place]))
            connection.send(Array(bytes[place...]))
            #expect(connection.readText(6) == "client")
            connection.close()
        }
        let engine = try RunningEngine(to: backend.address)
        let bytes = Array(request.utf8)
        for place in 1..<bytes.count {
            cut.set(place)
            let client = try engine.connect()
            client.send(Array(bytes[..<place]))
            client.send(Array(bytes[place...]))
            #expect(client.readHead().hasPrefix("HTTP/1.1 101 "))
            #expect(client.readAll() == "server")
        }
        engine.close()
        backend.close()
    }
}
