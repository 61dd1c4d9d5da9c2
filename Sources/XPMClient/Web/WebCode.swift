import XPMProtocol

/// What the file of a sign-in code holds.
package struct WebCode: Codable, Sendable {
    package var expiresAt: Timestamp

    /// Longer than any code lives: a file that claims more was made under another clock.
    private static let most: Int64 = 600_000

    package init(expiresAt: Timestamp) { self.expiresAt = expiresAt }

    package func isValid(at moment: Timestamp) -> Bool {
        moment < expiresAt && expiresAt.milliseconds - moment.milliseconds <= Self.most
    }

    /// Uses up a code; true where it was one. Whoever removes its file has used it.
    package static func redeem(_ code: String, in folder: WebFolder, at moment: Timestamp = .now) -> Bool {
        let digest = Digest.sha256(code)
        guard let bytes = folder.read(digest), let found = try? Wire.decode(WebCode.self, from: bytes) else {
            return false
        }
        return folder.remove(digest) && found.isValid(at: moment)
    }

    static func removeExpired(in folder: WebFolder, at moment: Timestamp = .now) {
        for digest in folder.digests() {
            guard let bytes = folder.read(digest), let code = try? Wire.decode(WebCode.self, from: bytes) else {
                continue
            }
            if !code.isValid(at: moment) { folder.remove(digest) }
        }
    }

    private enum CodingKeys: String, CodingKey { case expiresAt = "expires_at" }
}
