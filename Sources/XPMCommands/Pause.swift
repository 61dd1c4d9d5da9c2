import Glibc

/// A pause of this thread, between two tries to connect.
enum Pause {
    static func of(_ duration: Duration) {
        var left = timespec(
            tv_sec: Int(duration.components.seconds), tv_nsec: Int(duration.components.attoseconds / 1_000_000_000))
        var rest = timespec()
        while nanosleep(&left, &rest) != 0 && errno == EINTR { left = rest }
    }
}
