import XPMProtocol

/// The name of a service's origin: `http://LABEL.localhost:PORT`, `tensorboard-mnist-20261130-101500-k3f9w2ab`.
///
/// It follows from the service alone, so that it is the same after every restart. What can be read of it is for people; the last eight
/// characters tell one service from another.
public struct OriginLabel: Hashable, Sendable {
    /// Lower-case letters, digits and hyphens, 63 at most.
    public let text: String

    /// The label of a service, or of one of its named extra ports.
    public init(_ service: ServiceIdentity, port: String? = nil) {
        let run = service.run
        var parts = [service.id, run.experiment, run.run].map(Self.readable)
        let suffix = Self.suffix(of: [run.workspace, run.experiment, run.run, service.id] + (port.map { [$0] } ?? []))
        let extra = port.map { String(Self.readable($0).prefix(Self.portLength)).trimmedOfHyphens } ?? ""
        let room = Self.length - Self.suffixLength - 1 - (port == nil ? 0 : extra.utf8.count + 2)
        Self.shorten(&parts, to: room)
        var name = parts.filter { !$0.isEmpty }.joined(separator: "-")
        // Two hyphens behind the second character mean another thing in names of hosts (RFC 5890, 2.3.1).
        if name.utf8.count < 4 { name = name.isEmpty ? "service" : "service-\(name)" }
        text = port == nil ? "\(name)-\(suffix)" : "\(name)--\(extra)-\(suffix)"
    }

    /// The most that a part of a host's name may have (RFC 1035, 2.3.4).
    public static let length = 63
    package static let suffixLength = 8
    private static let portLength = 20

    /// The part of a label that tells services apart; nil where a text is no label.
    package static func suffix(of text: String) -> String? {
        let bytes = text.utf8
        guard (suffixLength + 2...length).contains(bytes.count) else { return nil }
        return String(text.suffix(suffixLength))
    }

    /// Letters and digits of ASCII, in lower case, with one hyphen for whatever stands between them.
    private static func readable(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): bytes.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
            default: if let last = bytes.last, last != UInt8(ascii: "-") { bytes.append(UInt8(ascii: "-")) }
            }
        }
        return String(decoding: bytes, as: UTF8.self).trimmedOfHyphens
    }

    /// Takes characters from the end of whichever part is longest, until all have room with hyphens between them.
    private static func shorten(_ parts: inout [String], to room: Int) {
        func total() -> Int { parts.reduce(parts.count - 1) { $0 + $1.utf8.count } }
        while total() > room, let longest = parts.indices.max(by: { parts[$0].utf8.count < parts[$1].utf8.count }) {
            parts[longest] = String(parts[longest].dropLast())
        }
        parts = parts.map(\.trimmedOfHyphens)
    }

    /// 40 bits of a hash over the parts with NULs between, which no name has.
    private static func suffix(of parts: [String]) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        let bytes = Digest.sha256(parts.joined(separator: "\0")).bytes
        let bits = bytes.prefix(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let text = (0..<UInt64(suffixLength)).map { alphabet[Int(bits >> (35 - 5 * $0) & 31)] }
        return String(decoding: text, as: UTF8.self)
    }
}

extension OriginLabel: CustomStringConvertible {
    public var description: String { text }
}

extension String {
    fileprivate var trimmedOfHyphens: String {
        var text = self[...]
        while text.hasPrefix("-") { text = text.dropFirst() }
        while text.hasSuffix("-") { text = text.dropLast() }
        return String(text)
    }
}
