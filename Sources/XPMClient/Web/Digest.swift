import CDigest

/// A SHA-256. It is compared as four numbers, and needs no memory of its own.
package struct Digest: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var context = SHA2_CTX()
        var words = SIMD4<UInt64>()
        SHA256Init(&context)
        if let base = bytes.baseAddress {
            SHA256Update(&context, base.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        withUnsafeMutableBytes(of: &words) { memory in
            guard let base = memory.baseAddress else { return }
            SHA256Final(base.assumingMemoryBound(to: UInt8.self), &context)
        }
        return Digest(words: words)
    }

    package static func sha256(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes(sha256) }

    /// That of a text's UTF-8.
    package static func sha256(_ text: String) -> Digest { sha256(Array(text.utf8)) }

    package var bytes: [UInt8] { withUnsafeBytes(of: words, Array.init) }

    /// 64 digits, in lower case.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Reads what `hexadecimal` writes, and nothing else.
    package init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            bytes.append(value)
        }
        var words = SIMD4<UInt64>()
        withUnsafeMutableBytes(of: &words) { memory in
            for place in 0..<32 { memory[place] = bytes[2 * place] << 4 | bytes[2 * place + 1] }
        }
        self.words = words
    }

    private init(words: SIMD4<UInt64>) { self.words = words }
}
