/// Why bytes are no order or message.
public enum PacketError: Error, Equatable, Sendable {
    /// The packet ends before its fields do.
    case truncated
    /// The packet goes on after its fields.
    case surplus
    /// A type, or a value of one, that this version does not have.
    case unknown
    /// A string that is not UTF-8.
    case invalidText
}

/// What both ends of the logger's socket agree on.
public enum LoggerProtocol {
    /// The version that this build speaks.
    public static let version: UInt16 = 1
    /// Bytes of the longest packet.
    public static let longestPacket = 64 << 10
    /// Bytes of the longest path: what open(2) takes.
    public static let longestPath = 4095
    /// The socket's name in the logger's folder.
    public static let socketName = "logger.sock"
}

struct PacketWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append<Value: FixedWidthInteger>(_ value: Value) { bytes.appendLittleEndian(value) }

    mutating func append(_ text: String) {
        append(UInt32(clamping: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Takes one packet apart, never reading beyond it.
struct PacketReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var left: Int { bytes.count - place }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(PacketError) -> Value {
        let size = Value.bitWidth / 8
        guard size <= left else { throw .truncated }
        defer { place += size }
        return bytes.withUnsafeBytes { $0.littleEndian(at: place) }
    }

    mutating func flag() throws(PacketError) -> Bool {
        switch try integer(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw .unknown
        }
    }

    mutating func text() throws(PacketError) -> String {
        let count = Int(try integer(UInt32.self))
        guard count <= left else { throw .truncated }
        defer { place += count }
        guard let text = String(validating: bytes[place..<place + count], as: UTF8.self) else { throw .invalidText }
        return text
    }

    func finish() throws(PacketError) {
        guard left == 0 else { throw .surplus }
    }
}
