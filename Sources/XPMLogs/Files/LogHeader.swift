/// The first 64 bytes of a sidecar: which data file it describes, and where in its log that file stands.
///
/// Little endian: magic, log id u64, base u64, device u64, inode u64, file number u64, created i64, flags u32, CRC-32 of all before.
public struct LogHeader: Equatable, Sendable {
    /// Bytes of a header.
    public static let size = 64
    /// What every header begins with: `XPMLOG`, 0, version.
    public static let magic: [UInt8] = [0x58, 0x50, 0x4D, 0x4C, 0x4F, 0x47, 0, 1]

    /// Random, the same for all files of a log.
    public var logID: UInt64
    /// Absolute position of the file's first byte.
    public var base: UInt64
    /// Device and inode of the data file.
    public var device: UInt64
    public var inode: UInt64
    /// Grows with each file of the log; the number that its name gets when it is rotated is this or a higher one.
    public var number: UInt64
    /// When the data file was made, in µs since 1970: its birth where `hasBirth`, else by the wall clock.
    public var created: Int64
    /// The file system tells when files were born, and `created` is that of the data file.
    public var hasBirth: Bool
    /// The data file was there before the log, and has bytes that are not the log's: it is rotated, but never deleted.
    public var isAdopted: Bool

    /// A header of these values.
    public init(
        logID: UInt64, base: UInt64, device: UInt64, inode: UInt64, number: UInt64, created: Int64,
        hasBirth: Bool = false, isAdopted: Bool = false
    ) {
        self.logID = logID
        self.base = base
        self.device = device
        self.inode = inode
        self.number = number
        self.created = created
        self.hasBirth = hasBirth
        self.isAdopted = isAdopted
    }

    /// Reads a header; nil where the bytes are too few, or none of this version.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size, bytes[..<8].elementsEqual(Self.magic),
            bytes.littleEndian(at: 60, as: UInt32.self) == CRC32.of(bytes[..<60])
        else { return nil }
        let flags = bytes.littleEndian(at: 56, as: UInt32.self)
        self.init(
            logID: bytes.littleEndian(at: 8), base: bytes.littleEndian(at: 16), device: bytes.littleEndian(at: 24),
            inode: bytes.littleEndian(at: 32), number: bytes.littleEndian(at: 40), created: bytes.littleEndian(at: 48),
            hasBirth: flags & 1 != 0, isAdopted: flags & 2 != 0)
    }

    /// The 64 bytes.
    public func encode() -> [UInt8] {
        var bytes = Self.magic
        for field in [logID, base, device, inode, number, UInt64(bitPattern: created)] {
            bytes.appendLittleEndian(field)
        }
        bytes.appendLittleEndian(UInt32(hasBirth ? 1 : 0) | UInt32(isAdopted ? 2 : 0))
        bytes.appendLittleEndian(bytes.withUnsafeBytes { CRC32.of($0[...]) })
        return bytes
    }
}
