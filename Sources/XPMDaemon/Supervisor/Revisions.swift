import XPMProtocol

/// Numbers the changes of all services, so that clients can tell the later of two accounts. A number is the milliseconds of
/// the clock where that is larger than the number before, and the next one where not: so they also grow over a clock that
/// is set back, over the removal of a service, and over state that was lost, of which only the clock knows.
struct Revisions {
    private var last: Int64 = 0

    /// One that is on record. No number that was ever given is near the end of those that there are: of such a one there is no more
    /// to learn than that it is large.
    mutating func note(_ revision: Int64?) {
        guard let revision else { return }
        last = max(last, revision > 2 * Runtime.largestCount ? Runtime.largestCount : revision)
    }

    mutating func next(at now: Timestamp) -> Int64 {
        last = max(last + 1, now.milliseconds)
        return last
    }
}
