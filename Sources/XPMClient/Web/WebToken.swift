import XPMProtocol

/// A bearer token for programs, without its secret.
public struct WebToken: Codable, Hashable, Sendable {
    /// By what it is revoked: the beginning of its hash.
    public var id: String
    /// What its user calls it.
    public var name: String
    /// What it allows.
    public var scope: WebScope
    /// When it was made.
    public var createdAt: Timestamp
    /// When it stops to count; nil for never.
    public var expiresAt: Timestamp?

    /// Whether it still counts at a moment.
    public func isValid(at moment: Timestamp = .now) -> Bool { expiresAt.map { moment < $0 } ?? true }

    /// What every token begins with, by which one that was published by mistake is recognized.
    package static let prefix = "xpm_"

    private enum CodingKeys: String, CodingKey {
        case id, name, scope
        case createdAt = "created_at"
        case expiresAt = "expires_at"
    }
}
