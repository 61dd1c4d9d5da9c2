import XPMProtocol

/// A moment that is to come, on record by the wall clock and, for the wait itself, by the clock of the machine.
struct Due: Codable, Hashable {
    var at: Timestamp
    /// Milliseconds since boot, by a clock that nobody sets.
    var uptime: Int64
    var bootID: String

    /// The moment so long from now.
    init(after delay: Duration) {
        at = Timestamp(milliseconds: Timestamp.now.milliseconds + delay.milliseconds)
        uptime = BootClock.now + delay.milliseconds
        bootID = BootClock.bootID
    }

    /// Whether the machine was restarted since it was noted.
    var isOfEarlierBoot: Bool { bootID != BootClock.bootID }

    /// Milliseconds until then: over a restart of the machine by the wall clock, which was perhaps set, else by the other.
    var rest: Int64 {
        max(
            0,
            isOfEarlierBoot
                ? at.milliseconds - Timestamp.now.milliseconds : uptime.clampedDifference(BootClock.now))
    }
}

extension Due {
    /// Milliseconds since then, where it was a moment that came; none over a restart of the machine, for nothing has lived so long.
    var passed: Int64 { isOfEarlierBoot ? 0 : max(0, BootClock.now.clampedDifference(uptime)) }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        components.seconds.clampedProduct(1000).clampedSum(components.attoseconds / 1_000_000_000_000_000)
    }
}
