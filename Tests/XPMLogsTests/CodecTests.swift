import SeededRandom
import Testing

@testable import XPMLogs

/// Headers and records, from good and from hostile bytes.
struct CodecTests {
    @Test func headerComesBack() {
        let header = LogHeader(
            logID: .max, base: 1 << 60, device: 7, inode: 8, number: 9, created: -5, hasBirth: true, isAdopted: true)
        let bytes = header.encode()
        #expect(bytes.count == LogHeader.size)
        #expect(bytes.withUnsafeBytes { LogHeader($0) } == header)
    }

    @Test func everyChangedBitOfAHeaderIsSeen() {
        let bytes = LogHeader(logID: 1, base: 2, device: 3, inode: 4, number: 5, created: 6).encode()
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(changed.withUnsafeBytes { LogHeader($0) } == nil, "bit \(bit)")
        }
        for count in 0..<bytes.count {
            #expect(bytes[..<count].withUnsafeBytes { LogHeader($0) } == nil)
        }
    }

    @Test(arguments: LogRecord.Kind.allCases) func recordComesBack(_ kind: LogRecord.Kind) {
        let record = LogRecord(kind, at: LogRecord.maximumOffset, time: .min, value: .max)
        #expect(record.encode().withUnsafeBytes { LogRecord($0) } == record)
    }

    @Test func zerosAreNoRecord() {
        #expect([UInt8](repeating: 0, count: 24).withUnsafeBytes { LogRecord($0) } == nil)
    }

    @Test func randomBytesAreHardlyEverARecordAndNeverTrap() {
        var random = SeededRandom(seed: SeededRandom.seed)
        var taken = 0
        for _ in 0..<100_000 {
            let bytes = (0..<24).map { _ in UInt8.random(in: 0...255, using: &random) }
            guard let record = bytes.withUnsafeBytes({ LogRecord($0) }) else { continue }
            taken += 1
            #expect(record.encode() == bytes)
        }
        // One in 256 by the check, five in 256 of those by the kind.
        #expect(taken < 100)
    }

    @Test func aTornRecordIsSeen() {
        let record = LogRecord(.data, at: 12345, time: 1_700_000_000_000_000, value: 99_999_999_999).encode()
        for count in 1..<24 {
            let torn = record[..<count] + [UInt8](repeating: 0, count: 24 - count)
            if torn == record[...] { continue }
            #expect(Array(torn).withUnsafeBytes { LogRecord($0) } == nil, "\(count) bytes")
        }
    }
}
