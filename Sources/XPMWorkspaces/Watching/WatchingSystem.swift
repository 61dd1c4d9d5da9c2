import Glibc

/// What a watcher asks of the system: tests put limits and file systems in its place that a machine has not at hand.
struct WatchingSystem {
    /// The name of the network file system that a path lies on; nil for a local one.
    var remoteKind: (String) -> String? = FileSystemKind.remote(at:)
    /// inotify_init1(2).
    var openInotify: () -> CInt = { inotify_init1(CInt(IN_CLOEXEC) | CInt(IN_NONBLOCK)) }
    /// inotify_add_watch(2).
    var addWatch: (_ descriptor: CInt, _ path: String, _ mask: UInt32) -> CInt = { inotify_add_watch($0, $1, $2) }
    /// How often a workspace is looked at of which the kernel does not tell, in milliseconds.
    var interval: Int64 = 5000
}
