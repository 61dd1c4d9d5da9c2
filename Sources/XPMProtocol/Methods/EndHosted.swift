/// Says that a hosted service has ended, by the client that hosts it.
public struct EndHosted: Method {
    public static let name = "hosted.ended"

    /// The attempt that `hosted.start` named.
    public var attempt: UInt64
    /// Why, where it failed, a sentence (default: it ended well).
    public var error: String?

    /// The end of `attempt`.
    public init(attempt: UInt64, error: String? = nil) {
        self.attempt = attempt
        self.error = error
    }

    public typealias Reply = Empty
}
