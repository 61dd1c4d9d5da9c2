/// When a service without traffic is put to sleep.
///
/// Moments are spans since the origin of a clock that nobody sets, and that stands still while the machine is suspended: a laptop that
/// was closed over night has not been idle for that.
public struct IdleClock<Reporter: Hashable & Sendable>: Hashable, Sendable {
    /// How long it may be idle.
    public let span: Duration
    /// When its last traffic that is over ended; at first when it became RUNNING.
    public private(set) var lastActivity: Duration
    /// Until when traffic goes on unless it is reported again, by who reports it.
    private var leases: [Reporter: Duration] = [:]
    /// When others were last seen to keep it awake, which is no activity of its own.
    private var heldAt: Duration

    /// A service that was last active at `moment`.
    public init(after span: Duration, from moment: Duration) {
        self.span = span
        lastActivity = moment
        heldAt = moment
    }

    /// Traffic was over at `moment`.
    public mutating func noteActivity(at moment: Duration) { lastActivity = max(lastActivity, moment) }

    /// Traffic goes on, until `end` unless it is reported again or ended before.
    public mutating func begin(by reporter: Reporter, until end: Duration, at now: Duration) {
        noteEnds(at: now)
        leases[reporter] = end
        noteActivity(at: now)
    }

    /// The traffic that `reporter` told of is over, or nobody knows of it any more.
    public mutating func end(by reporter: Reporter, at now: Duration) {
        noteEnds(at: now)
        if leases.removeValue(forKey: reporter) != nil { noteActivity(at: now) }
    }

    /// Something else keeps it awake at `now`.
    public mutating func hold(at now: Duration) { heldAt = max(heldAt, now) }

    /// Whether traffic goes on.
    public func isActive(at now: Duration) -> Bool { leases.values.contains { $0 > now } }

    /// When it is to be put to sleep, if nothing more is heard.
    public var due: Duration { max(lastActivity, heldAt, leases.values.max() ?? lastActivity) + span }

    /// Leases that are over end with their time, whoever has them.
    private mutating func noteEnds(at now: Duration) {
        for (reporter, end) in leases where end <= now {
            leases[reporter] = nil
            noteActivity(at: end)
        }
    }
}
