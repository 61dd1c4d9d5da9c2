/// By what the lines of both streams are brought into one order: the attempt, then the time of the first byte by the clock of the
/// boot, then by the wall clock.
public struct LogOrder: Comparable, Hashable, Sendable {
    /// 0 where no record tells.
    public var attempt: UInt64
    /// CLOCK_BOOTTIME, in ns.
    public var boot: UInt64
    /// Wall clock, in µs since 1970.
    public var time: Int64

    /// An order of these values.
    public init(attempt: UInt64, boot: UInt64, time: Int64) {
        self.attempt = attempt
        self.boot = boot
        self.time = time
    }

    /// Before all others: of the rest of a line whose beginning was given out last.
    static let first = LogOrder(attempt: 0, boot: 0, time: .min)

    public static func < (left: LogOrder, right: LogOrder) -> Bool {
        if left.attempt != right.attempt { return left.attempt < right.attempt }
        if left.boot != right.boot { return left.boot < right.boot }
        return left.time < right.time
    }
}
