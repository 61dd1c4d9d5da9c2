/// Why bytes are no frame or no message.
public struct KeeperWireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with them.
    public enum Code: String, Sendable {
        /// The body ends before its fields do.
        case truncated
        /// The body goes on after its fields.
        case surplus
        /// A type or tag that this version does not have.
        case unknownTag
        /// A string that is not UTF-8.
        case invalidText
        /// A body of no bytes, or of more than the protocol allows.
        case invalidLength
    }

    /// What is wrong with them.
    public let code: Code
    /// What could not be read, and why.
    public let message: String

    /// The message, for logs.
    public var description: String { message }

    static let truncated = KeeperWireError(code: .truncated, message: "cannot decode body: it ends within a field")

    static let invalidText = KeeperWireError(code: .invalidText, message: "cannot decode string: it is not UTF-8")

    static func surplus(_ count: Int) -> KeeperWireError {
        KeeperWireError(code: .surplus, message: "cannot decode body: \(count) bytes are left over")
    }

    static func unknownTag(_ tag: UInt8, of field: String) -> KeeperWireError {
        KeeperWireError(code: .unknownTag, message: "cannot decode \(field): \(tag) is unknown")
    }

    static func invalidLength(_ length: Int) -> KeeperWireError {
        KeeperWireError(
            code: .invalidLength,
            message: "cannot take frame: a length of \(length) is outside 1 … \(KeeperProtocol.maximumBodyLength)")
    }
}
