import SeededRandom
import Testing

@testable import XPMHTTP

@Suite struct WebSocketScannerTests {
    private static let seed = SeededRandom.seed

    private static func frame(_ first: UInt8, _ count: Int, mask: Bool = false) -> [UInt8] {
        let bit: UInt8 = mask ? 0x80 : 0
        let length: [UInt8] =
            switch count {
            case ...125: [bit | UInt8(count)]
            case ...65535: [bit | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
            default: [bit | 127] + (0..<8).reversed().map { UInt8(count >> ($0 * 8) & 0xFF) }
            }
        return [first] + length + (mask ? [1, 2, 3, 4] : []) + [UInt8](repeating: 0x81, count: count)
    }

    private static func scan(_ bytes: [UInt8]) -> (hasData: Bool, isForeign: Bool) {
        var scanner = WebSocketScanner()
        let hasData = bytes.withUnsafeBytes { scanner.hasData($0) }
        return (hasData, scanner.isForeign)
    }

    @Test func controlFramesAreNoData() {
        let controls = [UInt8(0x88), 0x89, 0x8A].flatMap { first in
            [0, 1, 125].flatMap { Self.frame(first, $0) + Self.frame(first, $0, mask: true) }
        }
        #expect(Self.scan(controls) == (false, false))
    }

    @Test func textBinaryAndWhatContinuesThemAreData() {
        for first in [UInt8(0x81), 0x82, 0x80, 0x01, 0x02, 0x00, 0xC1, 0x41] {
            for count in [0, 1, 125, 126, 65535, 65536] {
                for mask in [false, true] {
                    #expect(Self.scan(Self.frame(first, count, mask: mask) + Self.frame(0x89, 1)) == (true, false))
                }
            }
        }
    }

    @Test func aPingAmongTheBytesOfALargeFrameIsSeenAsSuchAfterwards() {
        var scanner = WebSocketScanner()
        let data = Self.frame(0x82, 100_000, mask: true)
        for start in stride(from: 0, to: data.count, by: 1000) {
            let hasData = data[start..<min(start + 1000, data.count)].withUnsafeBytes { scanner.hasData($0) }
            #expect(hasData)
        }
        let pings = Self.frame(0x89, 5) + Self.frame(0x8A, 0, mask: true)
        #expect(pings.withUnsafeBytes { !scanner.hasData($0) })
    }

    @Test(
        arguments: [
            [0x83], [0x87], [0x8B], [0x8F], [0x09, 0], [0xC9], [0xA1], [0x91], [0x89, 126], [0x88, 0xFF],
            [0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func whatIsNoFrameIsDataFromThereOn(_ bytes: [UInt8]) {
        #expect(Self.scan(bytes) == (true, true))
        #expect(Self.scan(Self.frame(0x89, 3) + bytes + Self.frame(0x89, 3)) == (true, true))
    }

    private static let firsts: [UInt8] = [0x89, 0x8A, 0x88, 0x89, 0x81, 0x00, 0x8B]

    @Test func piecesSayWhatTheWholeSays() {
        var random = SeededRandom(seed: Self.seed)
        for count in 0..<2000 {
            var bytes: [UInt8] = []
            for _ in 0..<5 {
                let first: UInt8 = Self.firsts.randomElement(using: &random) ?? 0
                bytes += Self.frame(first, Int.random(in: 0...130, using: &random), mask: random.oneIn(2))
            }
            var scanner = WebSocketScanner()
            var hasData = false
            for piece in random.pieces(of: bytes) {
                let found = piece.withUnsafeBytes { scanner.hasData($0) }
                hasData = hasData || found
            }
            let whole = Self.scan(bytes)
            guard hasData == whole.hasData, scanner.isForeign == whole.isForeign else {
                Issue.record("seed \(Self.seed), stream \(count)")
                return
            }
        }
    }
}
