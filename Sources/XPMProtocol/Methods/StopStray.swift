/// Ends a stray: SIGTERM to all its processes, a grace, then SIGKILL. Answers when none is left.
public struct StopStray: Method {
    public static let name = "stray.stop"

    /// The stray's number.
    public var stray: UInt64
    /// Seconds between SIGTERM and SIGKILL (default: 10).
    public var graceSeconds: Double?

    /// Ends `stray`.
    public init(_ stray: UInt64, graceSeconds: Double? = nil) {
        self.stray = stray
        self.graceSeconds = graceSeconds
    }

    public typealias Reply = Empty

    private enum CodingKeys: String, CodingKey {
        case stray
        case graceSeconds = "grace_s"
    }
}
