import Testing
import XPMProtocol

/// One golden vector: a frame, what it holds, and what a typed reader writes back.
struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    enum Kind: String, Decodable, Sendable {
        case request, response, error, event
        case hostRequest = "host_request"
    }

    var name: String
    var kind: Kind
    /// The method of a request, by whomever, or of a response.
    var method: String?
    var json: JSONValue
    var frame: [UInt8]
    /// What reading and writing again gives, where it is not the frame itself.
    var canonical: JSONValue?
    /// Whether it has a text that only types carry as it was written.
    var isAsWritten: Bool

    var testDescription: String { name }

    private enum CodingKeys: String, CodingKey {
        case name, method, json, canonical
        case kind = "is"
        case frame = "frame_hex"
        case isAsWritten = "as_written"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        kind = try container.decode(Kind.self, forKey: .kind)
        method = try container.decodeIfPresent(String.self, forKey: .method)
        json = try container.decode(JSONValue.self, forKey: .json)
        canonical = try container.decodeIfPresent(JSONValue.self, forKey: .canonical)
        isAsWritten = try container.decodeIfPresent(Bool.self, forKey: .isAsWritten) ?? false
        frame = try [UInt8](hexadecimal: container.decode(String.self, forKey: .frame))
    }

    /// Every vector of every group but `refused`.
    static let all: [Vector] = {
        do {
            return try ProtocolFolder.files(in: "protocol/vectors").filter { $0 != "refused.json" }.flatMap {
                try Wire.decode(Group<Vector>.self, from: ProtocolFolder.bytes("protocol/vectors/\($0)")).vectors
            }
        } catch {
            fatalError("cannot read the golden vectors: \(error)")
        }
    }()

    /// The payload of the frame.
    var payload: [UInt8] { Array(frame.dropFirst(Frame.headerSize)) }
}

/// A file of vectors.
struct Group<Entry: Decodable>: Decodable {
    var vectors: [Entry]
}

extension [UInt8] {
    /// The bytes that pairs of hexadecimal digits tell.
    init(hexadecimal text: String) throws {
        guard text.utf8.count.isMultiple(of: 2) else { throw HexadecimalFault(text: text) }
        self = try stride(from: 0, to: text.utf8.count, by: 2).map { offset in
            guard let byte = UInt8(text.dropFirst(offset).prefix(2), radix: 16) else {
                throw HexadecimalFault(text: text)
            }
            return byte
        }
    }
}

struct HexadecimalFault: Error {
    var text: String
}
