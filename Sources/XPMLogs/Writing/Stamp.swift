import CLinux
import Glibc

/// A moment by two clocks.
struct Stamp {
    /// Wall clock, µs since 1970.
    var wall: Int64
    /// CLOCK_BOOTTIME, ns.
    var boot: UInt64

    static var now: Stamp {
        Stamp(wall: xpm_microseconds(CLOCK_REALTIME), boot: UInt64(clamping: xpm_nanoseconds(CLOCK_BOOTTIME)))
    }
}
