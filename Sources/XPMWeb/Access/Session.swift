import XPMClient
import XPMProtocol

/// A browser that is signed in, at one origin.
struct Session: Codable, Hashable {
    var createdAt: Timestamp
    var expiresAt: Timestamp
    /// Of which service's origin its cookie is; nil for the dashboard's.
    var label: String?
    /// The hash of the dashboard's session that it comes from, and ends with; nil for one of the dashboard's.
    var parent: String?

    private enum CodingKeys: String, CodingKey {
        case label, parent
        case createdAt = "created_at"
        case expiresAt = "expires_at"
    }
}
