import Glibc
import XPMClient

/// A TensorBoard event file with scalars, written by hand: TFRecords (length and data, each with a masked CRC-32C) of `Event` protobufs.
///
/// The formats are TensorFlow's: record_writer.h, event.proto and summary.proto.
struct EventFile: ~Copyable {
    private let descriptor: Int32

    /// Makes a file in `folder` by a name that TensorBoard looks for, and writes the version record.
    init(in folder: Path) throws {
        let seconds = time(nil)
        let path = (folder / "events.out.tfevents.\(seconds).example.\(getpid())").string
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(doing: "make \(path)") }
        try write(Self.text(3, "brain.Event:2"))
    }

    deinit { close(descriptor) }

    /// Appends one value of the curve `tag`.
    func add(_ tag: String, _ value: Float, step: Int) throws {
        let summaryValue = Self.text(1, tag) + Self.fixed(2, value.bitPattern)
        let summary = Self.bytes(1, summaryValue)
        try write([2 << 3] + Self.varint(UInt64(step)) + Self.bytes(5, summary))
    }

    private func write(_ fields: [UInt8]) throws {
        let event = Self.fixed(1, Double(time(nil)).bitPattern) + fields
        let length = Self.littleEndian(UInt64(event.count))
        let record =
            length + Self.littleEndian(Self.maskedChecksum(length)) + event
            + Self.littleEndian(Self.maskedChecksum(event))
        guard Glibc.write(descriptor, record, record.count) == record.count else {
            throw Failure(doing: "write an event")
        }
    }

    // Protobuf's wire types: 0 a varint, 1 eight bytes, 2 a length and bytes, 5 four bytes.
    private static func bytes(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
        [field << 3 | 2] + varint(UInt64(content.count)) + content
    }

    private static func text(_ field: UInt8, _ text: String) -> [UInt8] { bytes(field, Array(text.utf8)) }

    private static func fixed<Bits: FixedWidthInteger>(_ field: UInt8, _ bits: Bits) -> [UInt8] {
        [field << 3 | (Bits.bitWidth == 64 ? 1 : 5)] + littleEndian(bits)
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var encoded: [UInt8] = []
        while rest > 0x7f {
            encoded.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return encoded + [UInt8(rest)]
    }

    private static func littleEndian<Bits: FixedWidthInteger>(_ bits: Bits) -> [UInt8] {
        withUnsafeBytes(of: bits.littleEndian) { Array($0) }
    }

    /// CRC-32C (Castagnoli), rotated and offset as TFRecords have it, so that checksums of data with checksums stay good.
    private static func maskedChecksum(_ content: [UInt8]) -> UInt32 {
        var checksum = ~UInt32(0)
        for byte in content {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = checksum & 1 == 0 ? checksum >> 1 : checksum >> 1 ^ 0x82f6_3b78 }
        }
        checksum = ~checksum
        return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
    }
}
