import Glibc
import Testing

/// Waits until something holds that can change when something comes into a folder or goes from it, or the folder itself does.
func awaitChange(in folder: String, until holds: () -> Bool) throws {
    let watch = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    defer { close(watch) }
    let coming = Int32(IN_CREATE) | Int32(IN_MOVED_TO)
    let going = Int32(IN_DELETE) | Int32(IN_MOVED_FROM) | Int32(IN_DELETE_SELF) | Int32(IN_MOVE_SELF)
    var events = [UInt8](repeating: 0, count: 4096)
    while true {
        // Those above, too, for it may have to come first. What happened before is looked for after this.
        var path = folder
        for _ in 0..<3 {
            inotify_add_watch(watch, path, UInt32(coming | going))
            path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
        }
        if holds() { return }
        try #require(try isReadable(watch, within: patience), "waited in vain for a change in \(folder)")
        _ = read(watch, &events, events.count)
    }
}

/// Waits until something holds of which a line in a file tells that others append to.
func awaitLine(in path: String, until holds: () throws -> Bool) throws {
    let watch = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    defer { close(watch) }
    try #require(inotify_add_watch(watch, path, UInt32(IN_MODIFY)) >= 0, "cannot watch \(path)")
    var events = [UInt8](repeating: 0, count: 4096)
    while try !holds() {
        try #require(try isReadable(watch, within: patience), "waited in vain for a line in \(path)")
        _ = read(watch, &events, events.count)
    }
}
