/// How far a service may put off a deadline that runs for it (`EXTEND_TIMEOUT_USEC`): however much it asks for, and however often, the
/// deadline comes.
public struct Prolongation: Hashable, Sendable {
    /// What every deadline may be put off to.
    public static let least = Duration.seconds(3600)

    /// How long the deadline may last altogether, from its beginning.
    public let most: Duration

    /// For a deadline that was set to `planned`: it may last an hour, or ten times as long if that is more.
    public init(of planned: Duration, atLeast least: Duration = Prolongation.least) {
        // Some 32 years are for ever, and can be counted in nanoseconds.
        most = max(least, planned, min(planned * 10, .seconds(1_000_000_000)))
    }

    /// How long a deadline lasts, from its beginning, that was to last `current`, when its service asks for `time` more after
    /// `elapsed`. It never becomes shorter.
    public func extended(_ current: Duration, after elapsed: Duration, by time: Duration) -> Duration {
        max(current, min(elapsed + time, most))
    }

    /// Whether so much is more than there is.
    public func isExceeded(after elapsed: Duration, by time: Duration) -> Bool { elapsed + time > most }
}
