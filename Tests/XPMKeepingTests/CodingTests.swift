import SeededRandom
import Testing

@testable import XPMKeeping

struct CodingTests {
    @Test(arguments: Samples.requests)
    func requestSurvivesTheWire(_ request: KeeperRequest) throws {
        #expect(try KeeperRequest.decode(request.encode().dropFirst(4)) == request)
    }

    @Test(arguments: Samples.messages)
    func messageSurvivesTheWire(_ message: KeeperMessage) throws {
        #expect(try KeeperMessage.decode(message.encode().dropFirst(4)) == message)
    }

    @Test func bytesAreAsWrittenDown() {
        #expect(
            KeeperRequest.signal(attempt: 0x0201, signal: 15).encode() == [
                13, 0, 0, 0, 4, 1, 2, 0, 0, 0, 0, 0, 0, 15, 0, 0, 0,
            ])
        #expect(KeeperMessage.refused(reason: "no").encode() == [7, 0, 0, 0, 135, 2, 0, 0, 0, 0x6E, 0x6F])
        #expect(
            KeeperMessage.exited(attempt: 1, .signal(9, core: true), atMilliseconds: 2).encode() == [
                23, 0, 0, 0, 133, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0,
            ])
    }

    @Test func truncatedBodyIsRefused() {
        for request in Samples.requests {
            let body = request.encode().dropFirst(4)
            for length in 0..<body.count {
                #expect(throws: KeeperWireError.truncated) { try KeeperRequest.decode(body.prefix(length)) }
            }
        }
        for message in Samples.messages {
            let body = message.encode().dropFirst(4)
            for length in 0..<body.count {
                #expect(throws: KeeperWireError.truncated) { try KeeperMessage.decode(body.prefix(length)) }
            }
        }
    }

    @Test func surplusIsRefused() {
        #expect(throws: KeeperWireError.surplus(1)) { try KeeperRequest.decode([7, 0]) }
    }

    @Test func textThatIsNotUTF8IsRefused() {
        #expect(throws: KeeperWireError.invalidText) { try KeeperMessage.decode([135, 1, 0, 0, 0, 0xFF]) }
    }

    @Test func hugeCountIsRefusedUnallocated() {
        #expect(throws: KeeperWireError.truncated) { try KeeperMessage.decode([130, 0xFF, 0xFF, 0xFF, 0xFF]) }
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<100_000 {
            var body = (0..<Int.random(in: 0..<48, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            // Half of them with a type that exists, to get beyond it.
            if !body.isEmpty, Bool.random(using: &random) { body[0] = UInt8.random(in: 1...7, using: &random) }
            if let request = try? KeeperRequest.decode(body[...]) {
                #expect(Array(request.encode().dropFirst(4)) == body)
            }
            if !body.isEmpty { body[0] |= 128 }
            if let message = try? KeeperMessage.decode(body[...]) {
                #expect(Array(message.encode().dropFirst(4)) == body)
            }
        }
    }

    @Test func newestCommonVersionIsAgreed() {
        #expect(KeeperProtocol.agreed(minimum: 1, maximum: 9) == 5)
        #expect(KeeperProtocol.agreed(minimum: 0, maximum: 1) == 1)
        #expect(KeeperProtocol.agreed(minimum: 1, maximum: 2) == 2)
        #expect(KeeperProtocol.agreed(minimum: 6, maximum: 9) == nil)
        #expect(KeeperProtocol.agreed(minimum: 0, maximum: 0) == nil)
        #expect(KeeperProtocol.agreed(minimum: 5, maximum: 1) == nil)
    }
}
