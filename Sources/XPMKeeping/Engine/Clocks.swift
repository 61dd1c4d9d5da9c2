import Glibc

/// The kernel's clocks, in milliseconds. The standard library's clocks would bring in the concurrency runtime.
enum Clocks {
    /// The time of day, for people and logs; never for measuring.
    static var wall: UInt64 { UInt64(clamping: read(CLOCK_REALTIME)) }

    /// For measuring; stands still while the machine is suspended.
    static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
