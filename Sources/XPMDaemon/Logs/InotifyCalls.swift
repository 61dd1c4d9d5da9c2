import Glibc

/// What files are watched by: tests put kernels in its place that have run out of it.
struct InotifyCalls {
    /// inotify_init1(2).
    var open: () -> CInt = { inotify_init1(CInt(IN_CLOEXEC) | CInt(IN_NONBLOCK)) }
    /// inotify_add_watch(2).
    var addWatch: (_ descriptor: CInt, _ path: String, _ mask: UInt32) -> CInt = { inotify_add_watch($0, $1, $2) }
}
