import NIOCore

/// How often something may happen: so many times at once, and from then on once in an interval. A value that is told the time.
struct Allowance {
    private let burst: Int64
    private let interval: TimeAmount
    /// When the whole burst is there again.
    private var full = NIODeadline.distantPast

    /// `burst` times at once, and then once `every` so long.
    init(burst: Int64, every interval: TimeAmount) {
        self.burst = burst
        self.interval = interval
    }

    /// How long from `now` on it has to wait; zero where it may happen at once.
    func delay(at now: NIODeadline) -> TimeAmount {
        max(.zero, full - now - .nanoseconds(interval.nanoseconds * (burst - 1)))
    }

    /// It happens then, whether it may or not.
    mutating func take(at time: NIODeadline) {
        // What happened against the rule is not held against it for longer than a burst.
        full = min(max(full, time) + interval, time + .nanoseconds(interval.nanoseconds * burst))
    }
}
