/// What the keeper asks of the logger. Integers are little endian, strings have a u32 length; a packet is an order.
///
///     1 take      u64 stream, u64 attempt, i64 began, policy, string path; with the pipe's reader
///     2 clear     string path
///     3 settle    u64 stream
///     4 list      u64 after
///     5 restored
///     6 forget    u64 stream
///     7 end
///     8 begin     u64 stream, u64 attempt, i64 began, policy
///
/// A policy is u64 size, u64 age, u32 count, u8 rotates at start.
public enum LoggerOrder: Equatable, Sendable {
    /// Read a stream; after the one that goes into the same log, where that has no writers any more and is not read to its end. Answered by `taken` or `refused`, later by `ended`.
    case take(TakeOrder)
    /// What comes into a stream from now on is another attempt's. Not answered.
    case begin(BeginOrder)
    /// Begin the log at a path afresh. Answered by `cleared`.
    case clear(path: String)
    /// Tell, by `settled`, when all is in the file that is in the pipe now.
    case settle(stream: UInt64)
    /// What streams there are, those of higher numbers than this one. Answered by `listed`.
    case list(after: UInt64)
    /// All streams that live were handed over again: what was left of others may be finished.
    case restored
    /// Stop to read a stream that lives, without an answer, or forget one that has ended.
    case forget(stream: UInt64)
    /// End when no stream is left, whoever is connected.
    case end
}

/// A stream to be read.
public struct TakeOrder: Equatable, Sendable {
    /// Its number, never used for another one.
    public var stream: UInt64
    /// The attempt whose stream it is, and when that began: wall clock, µs since 1970. 0 for what is no attempt's own: it belongs to the
    /// last one that the log has.
    public var attempt: UInt64
    public var began: Int64
    /// Where its log is.
    public var path: String
    public var policy: RotationPolicy

    /// An order for the logger.
    public init(stream: UInt64, attempt: UInt64, began: Int64, path: String, policy: RotationPolicy) {
        self.stream = stream
        self.attempt = attempt
        self.began = began
        self.path = path
        self.policy = policy
    }
}

/// An attempt whose output goes into a stream that is read already.
public struct BeginOrder: Equatable, Sendable {
    public var stream: UInt64
    /// As in `TakeOrder`.
    public var attempt: UInt64
    public var began: Int64
    public var policy: RotationPolicy

    /// An order for the logger.
    public init(stream: UInt64, attempt: UInt64, began: Int64, policy: RotationPolicy) {
        self.stream = stream
        self.attempt = attempt
        self.began = began
        self.policy = policy
    }

    var value: LogAttempt { LogAttempt(number: attempt, began: began) }
}

extension LoggerOrder {
    /// The order as one packet.
    public func encode() -> [UInt8] {
        var writer = PacketWriter()
        switch self {
        case .take(let order):
            writer.append(UInt8(1))
            writer.append(order.stream)
            writer.append(order.attempt)
            writer.append(order.began)
            writer.append(order.policy)
            writer.append(order.path)
        case .begin(let order):
            writer.append(UInt8(8))
            writer.append(order.stream)
            writer.append(order.attempt)
            writer.append(order.began)
            writer.append(order.policy)
        case .clear(let path):
            writer.append(UInt8(2))
            writer.append(path)
        case .settle(let stream):
            writer.append(UInt8(3))
            writer.append(stream)
        case .list(let after):
            writer.append(UInt8(4))
            writer.append(after)
        case .restored: writer.append(UInt8(5))
        case .forget(let stream):
            writer.append(UInt8(6))
            writer.append(stream)
        case .end: writer.append(UInt8(7))
        }
        return writer.bytes
    }

    /// Reads a packet.
    public static func decode(_ packet: [UInt8]) throws(PacketError) -> LoggerOrder {
        var reader = PacketReader(packet)
        let order = try read(&reader)
        try reader.finish()
        return order
    }

    private static func read(_ reader: inout PacketReader) throws(PacketError) -> LoggerOrder {
        switch try reader.integer(UInt8.self) {
        case 1:
            var order = TakeOrder(
                stream: try reader.integer(), attempt: try reader.integer(), began: try reader.integer(), path: "",
                policy: try reader.policy())
            order.path = try reader.text()
            return .take(order)
        case 2: return .clear(path: try reader.text())
        case 3: return .settle(stream: try reader.integer())
        case 4: return .list(after: try reader.integer())
        case 5: return .restored
        case 6: return .forget(stream: try reader.integer())
        case 7: return .end
        case 8:
            return .begin(
                BeginOrder(
                    stream: try reader.integer(), attempt: try reader.integer(), began: try reader.integer(),
                    policy: try reader.policy()))
        default: throw .unknown
        }
    }
}

extension PacketWriter {
    fileprivate mutating func append(_ policy: RotationPolicy) {
        append(policy.size)
        append(policy.age)
        append(policy.count)
        append(UInt8(policy.rotatesAtStart ? 1 : 0))
    }
}

extension PacketReader {
    fileprivate mutating func policy() throws(PacketError) -> RotationPolicy {
        RotationPolicy(
            size: try integer(), age: try integer(), count: try integer(), rotatesAtStart: try flag())
    }
}
