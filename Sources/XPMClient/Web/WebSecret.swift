/// A secret that opens something: 32 random bytes, as text for URLs and cookies. Only its hash is kept.
package enum WebSecret {
    package static let length = 43

    /// A new one. The generator is the kernel's, getrandom(2).
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        for _ in 0..<4 { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
        return base64URL(bytes)
    }

    /// RFC 4648, 5, without padding.
    static func base64URL(_ bytes: [UInt8]) -> String { encode(bytes, last: "-_") }

    /// RFC 4648, 4.
    package static func base64(_ bytes: [UInt8]) -> String {
        encode(bytes, last: "+/") + String(repeating: "=", count: (3 - bytes.count % 3) % 3)
    }

    private static func encode(_ bytes: [UInt8], last: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(last)".utf8)
        var text: [UInt8] = []
        var (buffer, bits) = (UInt32(0), UInt32(0))
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> bits & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
