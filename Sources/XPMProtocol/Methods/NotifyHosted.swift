/// What a hosted service says of itself, by the client that hosts it.
public struct NotifyHosted: Method {
    public static let name = "hosted.notify"

    /// The attempt that `hosted.start` named.
    public var attempt: UInt64
    /// Lines of `VARIABLE=value`, as of sd_notify(3).
    public var text: String

    /// `text` of `attempt`.
    public init(attempt: UInt64, text: String) {
        self.attempt = attempt
        self.text = text
    }

    public typealias Reply = Empty
}
