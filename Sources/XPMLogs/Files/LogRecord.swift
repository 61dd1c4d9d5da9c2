/// One entry of a sidecar: what the bytes from an offset on are, and when they arrived.
///
/// 24 bytes, little endian: u64 of offset (48 bits), kind (8) and check (8, over the whole record); i64 time; u64 value.
public struct LogRecord: Equatable, Sendable {
    /// What a record tells. Raw values are those on the disk.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// The bytes from `offset` to the next record's arrived at that time; the value is CLOCK_BOOTTIME in ns.
        case data = 0
        /// From here on it is attempt `value`, begun at that time.
        case attempt = 1
        /// As `data`, but a line of the logger's own.
        case note = 2
        /// Before `offset`, `value` lines were dropped.
        case dropped = 3
        /// The stream of attempt `value` ended here.
        case ended = 4
    }

    /// Bytes of a record.
    public static let size = 24
    /// The last offset that a record can name: no file of a log gets longer.
    public static let maximumOffset: UInt64 = 1 << 48 - 1

    /// In the data file, in bytes; at most `maximumOffset`.
    public var offset: UInt64
    /// What the record tells.
    public var kind: Kind
    /// Wall clock, in µs since 1970.
    public var time: Int64
    /// By kind.
    public var value: UInt64

    /// A record of these values; of an offset beyond the last one, the last one's.
    public init(_ kind: Kind, at offset: UInt64, time: Int64, value: UInt64) {
        self.offset = min(offset, Self.maximumOffset)
        self.kind = kind
        self.time = time
        self.value = value
    }

    /// Reads the record at the bytes' start; nil where they are too few, torn, or of a kind that this version does not know.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size else { return nil }
        let first = bytes.littleEndian(at: 0, as: UInt64.self)
        let time = bytes.littleEndian(at: 8, as: Int64.self)
        let value = bytes.littleEndian(at: 16, as: UInt64.self)
        guard first >> 56 == Self.check(first & (1 << 56 - 1), time, value),
            let kind = Kind(rawValue: UInt8(truncatingIfNeeded: first >> 48))
        else { return nil }
        self.init(kind, at: first & Self.maximumOffset, time: time, value: value)
    }

    /// Writes the 24 bytes at the start of a buffer that has room for them.
    public func encode(to buffer: UnsafeMutableRawBufferPointer) {
        let start = offset | UInt64(kind.rawValue) << 48
        let first = start | Self.check(start, time, value) << 56
        buffer.storeBytes(of: first.littleEndian, as: UInt64.self)
        buffer.storeBytes(of: time.littleEndian, toByteOffset: 8, as: Int64.self)
        buffer.storeBytes(of: value.littleEndian, toByteOffset: 16, as: UInt64.self)
    }

    /// The 24 bytes.
    public func encode() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
            encode(to: UnsafeMutableRawBufferPointer(buffer))
            count = Self.size
        }
    }

    /// Eight bits in which every bit of the record counts; never those of 24 zeros, which a power cut leaves behind.
    private static func check(_ first: UInt64, _ time: Int64, _ value: UInt64) -> UInt64 {
        var mixed = first &+ 0x9E37_79B9_7F4A_7C15
        for word in [UInt64(bitPattern: time), value, 0] {
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            mixed ^= word
        }
        return mixed >> 56
    }
}
