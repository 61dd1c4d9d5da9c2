/// Leaves a stray running and counts it no more among those that people are told of.
public struct IgnoreStray: Method {
    public static let name = "stray.ignore"

    /// The stray's number.
    public var stray: UInt64
    /// False to be told of it again (default: true).
    public var ignored: Bool?

    /// Ignores `stray`, or does so no more.
    public init(_ stray: UInt64, ignored: Bool? = nil) {
        self.stray = stray
        self.ignored = ignored
    }

    public typealias Reply = Empty
}
