import CDigest

/// A SHA-256.
struct Digest: Hashable, Sendable {
    let bytes: [UInt8]

    static func sha256(_ bytes: [UInt8]) -> Digest {
        var context = SHA2_CTX()
        var result = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256Init(&context)
        SHA256Update(&context, bytes, bytes.count)
        SHA256Final(&result, &context)
        return Digest(bytes: result)
    }

    /// 64 digits, in lower case.
    var hexadecimal: String { bytes.map { String($0, radix: 16) }.map { $0.count < 2 ? "0" + $0 : $0 }.joined() }
}
