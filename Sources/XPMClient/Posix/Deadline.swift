import Glibc
import XPMProtocol

/// A moment of the monotonic clock until which a blocking call may wait.
struct Deadline: Sendable {
    private let moment: ContinuousClock.Instant?

    /// Waits as long as it takes.
    static let never = Deadline(moment: nil)

    private init(moment: ContinuousClock.Instant?) { self.moment = moment }

    /// A moment `duration` from now; nil never comes.
    init(after duration: Duration?) { moment = duration.map { .now + $0 } }

    /// Waits until `descriptor` is ready for `events`; false where the deadline came first.
    func poll(_ descriptor: Int32, for events: Int32) -> Bool {
        var waited = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let result = Glibc.poll(&waited, 1, milliseconds)
            if result > 0 { return true }
            if result == 0 { return false }
            // Anything but a signal would fail the read or write that follows, which then says why.
            if errno != EINTR { return true }
        }
    }

    /// The time left for poll(2), rounded up so that it never spins through the last millisecond.
    private var milliseconds: Int32 {
        guard let moment else { return -1 }
        let left = ContinuousClock.now.duration(to: moment)
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        return Int32(
            clamping: seconds.clampedProduct(1000)
                .clampedSum((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
