import Testing
import XPMProtocol

/// Bytes that a client must not send, and how the daemon answers them after a hello.
struct RefusedVector: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var stream: [UInt8]
    /// Nil where nothing is answered.
    var error: ErrorCode?
    /// The id in the answer.
    var id: RequestID?
    /// Whether the connection ends then.
    var closes: Bool

    var testDescription: String { name }

    private enum CodingKeys: String, CodingKey {
        case name, error, id, closes
        case stream = "stream_hex"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        stream = try [UInt8](hexadecimal: container.decode(String.self, forKey: .stream))
        error = try container.decodeIfPresent(ErrorCode.self, forKey: .error)
        id = try container.decodeIfPresent(RequestID.self, forKey: .id)
        closes = try container.decode(Bool.self, forKey: .closes)
    }

    static let all: [RefusedVector] = {
        do {
            return try Wire.decode(
                Group<RefusedVector>.self, from: ProtocolFolder.bytes("protocol/vectors/refused.json")
            ).vectors
        } catch {
            fatalError("cannot read the vectors of what is refused: \(error)")
        }
    }()
}
