/// The number of one try at running a service. Numbers grow and are never reused, so a late message about an old attempt can't pass for the current one.
public struct AttemptID: RawRepresentable, Hashable, Comparable, Codable, Sendable {
    public var rawValue: UInt64

    /// The attempt numbered `rawValue`.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static func < (left: AttemptID, right: AttemptID) -> Bool { left.rawValue < right.rawValue }
}
