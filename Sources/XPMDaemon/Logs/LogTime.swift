import XPMProtocol

/// Moments of the protocol, which are whole milliseconds, as times of lines, which are microseconds.
enum LogTime {
    /// The first microsecond of it.
    static func first(of moment: Timestamp) -> Int64 { moment.milliseconds.clampedProduct(1000) }

    /// The last microsecond of it.
    static func last(of moment: Timestamp) -> Int64 { first(of: moment).clampedSum(999) }

    /// Milliseconds since 1970, rounded down.
    static func milliseconds(_ time: Int64) -> Int64 {
        time >= 0 ? time / 1000 : (time / 1000).clampedSum(time % 1000 == 0 ? 0 : -1)
    }
}
