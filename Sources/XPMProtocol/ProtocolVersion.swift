/// The versions of the protocol that this build speaks, and the product's own version.
public enum ProtocolVersion {
    /// The newest protocol version spoken.
    public static let newest = 1
    /// The oldest protocol version still spoken.
    public static let oldest = 1
    /// The version of xpmd, its tools and its client library.
    public static let product = "0.2.0"

    /// The newest version within both ranges, or `versionMismatch`.
    public static func agreed(with versions: VersionRange) throws(WireError) -> Int {
        let version = min(newest, versions.max)
        guard version >= max(oldest, versions.min) else {
            throw WireError(
                .versionMismatch,
                "cannot talk to a client of protocol \(versions.min) to \(versions.max): this xpmd speaks \(oldest) to \(newest)",
                data: ["min": .integer(Int64(oldest)), "max": .integer(Int64(newest))])
        }
        return version
    }
}

/// An inclusive range of protocol versions.
public struct VersionRange: Codable, Hashable, Sendable {
    /// The oldest version accepted.
    public var min: Int
    /// The newest version accepted.
    public var max: Int

    /// The range from `min` to `max`; both ends belong to it.
    public init(min: Int = ProtocolVersion.oldest, max: Int = ProtocolVersion.newest) {
        self.min = min
        self.max = max
    }
}
