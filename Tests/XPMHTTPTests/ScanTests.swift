import Testing

@testable import XPMHTTP

/// Scans of many bytes at a time find what looking at each would.
@Suite struct ScanTests {
    private static let token = Set("!#$%&'*+-.^_`|~0123456789".utf8).union(0x41...0x5A).union(0x61...0x7A)
    private static let host = Set("-._0123456789".utf8).union(0x41...0x5A).union(0x61...0x7A)

    /// Compares with `belongs`: every byte at every place of lines around each multiple of 8, among bytes that belong.
    private static func check(
        _ name: String, _ fill: [UInt8], _ scan: (UnsafeRawPointer, Int, Int) -> Int, _ belongs: (UInt8) -> Bool
    ) {
        for length in [1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40] {
            var bytes = (0..<length).map { fill[$0 % fill.count] }
            for place in 0..<length {
                let before = bytes[place]
                for byte in UInt8.min...UInt8.max {
                    bytes[place] = byte
                    let found = bytes.withUnsafeBytes { buffer in
                        buffer.baseAddress.map { scan($0, 0, length) }
                    }
                    guard found == (belongs(byte) ? length : place) else {
                        Issue.record("\(name): \(byte) at \(place) of \(length) gives \(found ?? -1)")
                        return
                    }
                }
                bytes[place] = before
            }
        }
    }

    @Test(arguments: [Array("vA1 ".utf8), [0xFF, 0x7E, 0x80, 0x21], [0x09, 0x20, 0xFF, 0x7E]])
    func textEndsAtControlBytes(_ fill: [UInt8]) {
        Self.check("text", fill, Scan.text) { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }

    @Test(arguments: [Array("/a?=%".utf8), [0x21, 0x7E, 0x22, 0x24]])
    func targetsEndAtWhatCannotBeInThem(_ fill: [UInt8]) {
        Self.check("target", fill, Scan.target) { (0x21...0x7E).contains($0) && $0 != 0x23 }
    }

    @Test(arguments: [Array("aZ-z".utf8), Array("a1_!~".utf8)])
    func tokensEndAtWhatCannotBeInThem(_ fill: [UInt8]) { Self.check("token", fill, Scan.token, Self.token.contains) }

    @Test(arguments: [Array("aZ-z".utf8), Array("a1._".utf8)])
    func hostsEndAtWhatCannotBeInThem(_ fill: [UInt8]) { Self.check("host", fill, Scan.host, Self.host.contains) }

    @Test(arguments: [UInt8(0x00), 0x2F, 0x3F, 0x3B, 0x80, 0xFF]) func firstIsFound(_ wanted: UInt8) {
        Self.check("first", [wanted &- 1, wanted &+ 1, wanted ^ 0x80], { Scan.first(wanted, $0, $1, $2) }) {
            $0 != wanted
        }
    }

    @Test func placesBehindTheFirstAreCountedFromTheBeginning() {
        let bytes = Array("\u{1}abc\u{1}def".utf8)
        bytes.withUnsafeBytes { buffer in
            #expect(buffer.baseAddress.map { Scan.text($0, 1, buffer.count) } == 4)
            #expect(buffer.baseAddress.map { Scan.text($0, 1, 3) } == 3)
            #expect(buffer.baseAddress.map { Scan.text($0, 3, 3) } == 3)
        }
    }
}
