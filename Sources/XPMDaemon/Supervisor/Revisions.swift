import XPMProtocol

/// Numbers the changes of all services, so that clients can tell the later of two accounts. A number is the milliseconds of
/// the clock where that is larger than the number before, and the next one where not: so they also grow over a clock that
/// is set back, over the removal of a service, and over state that was lost, of which only the clock knows.
struct Revisions {
    private var last: Int64 = 0

    /// One that is on record.
    mutating func note(_ revision: Int64?) { last = max(last, revision ?? 0) }

    mutating func next(at now: Timestamp) -> Int64 {
        last = max(last + 1, now.milliseconds)
        return last
    }
}
