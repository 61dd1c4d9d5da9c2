import CLinux
import Glibc

/// Tells when files may have gone from a folder, or the folder from its path: inotify(7) on the folder and on those above.
///
/// Those above are watched for their own fate alone, so that what others make and remove in `/tmp` wakes nobody. Where a
/// folder of the path is missing, the last one that is there is watched for its coming, and so is the one that a file system
/// is mounted in: the end of a mount is told to nobody.
package final class FolderWatch {
    /// After how many milliseconds the folders are to be looked at, and watched anew, while there is a `shortage`.
    package static let lookAgain: Int64 = 2000

    /// To wait for; readable when something happened. Nil while the kernel gives no instance, which `renew` asks for again.
    package private(set) var descriptor: Int32?
    /// What was missing when the folders were last watched; then not everything is told.
    package private(set) var shortage: InotifyShortage?
    private let folders: [String]
    private static let fate = Int32(IN_MOVE_SELF) | Int32(IN_DELETE_SELF)
    private static let coming = Int32(IN_CREATE) | Int32(IN_MOVED_TO)
    private static let changes = fate | Int32(IN_DELETE) | Int32(IN_MOVED_FROM) | Int32(IN_MOVED_TO)
    private var watches: Set<Int32> = []

    /// Watches nothing yet.
    package init(_ folders: [String]) {
        self.folders = folders
    }

    deinit { if let descriptor { close(descriptor) } }

    /// Watches what the paths lead to now. What happened before has to be looked for after this.
    package func renew() {
        shortage = nil
        guard let descriptor = open() else { return shortage = .instances }
        var current: Set<Int32> = []
        for folder in folders {
            current.insert(watch(folder, Self.changes, descriptor))
            var below = folder
            while below.count > 1, let slash = below.lastIndex(of: "/") {
                let above = slash == below.startIndex ? "/" : String(below[..<slash])
                var events = Self.fate
                if let here = FileIdentity(above) {
                    let child = FileIdentity(below)
                    if child == nil { events |= Self.coming }
                    if let child, !child.isBeside(here) { events |= Self.changes | Self.coming }
                }
                // One that is watched as a folder of files keeps those events.
                if !folders.contains(above) { current.insert(watch(above, events, descriptor)) }
                below = above
            }
        }
        current.remove(-1)
        // The kernel has ended those of folders that are gone.
        for stale in watches.subtracting(current) { inotify_rm_watch(descriptor, stale) }
        watches = current
    }

    /// Takes what was told: the names of the files that may have gone, nil where all may have.
    package func drain() -> Set<String>? {
        guard let descriptor else { return nil }
        var names: Set<String> = []
        var isAll = shortage != nil
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
            while case let count = read(descriptor, buffer.baseAddress, buffer.count), count > 0 {
                var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                // struct inotify_event: int wd; uint32_t mask, cookie, len; char name[len]
                while rest.count >= 16 {
                    let length = 16 + Int(rest.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
                    let name = rest[16..<min(length, rest.count)].prefix { $0 != 0 }
                    // Without a name it is the folder itself, or an overflow of the kernel's queue.
                    if name.isEmpty { isAll = true } else { names.insert(String(decoding: name, as: UTF8.self)) }
                    rest = UnsafeRawBufferPointer(rebasing: rest[min(length, rest.count)...])
                }
            }
        }
        return isAll ? nil : names
    }

    private func open() -> Int32? {
        guard descriptor == nil else { return descriptor }
        let number = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if number >= 0 { descriptor = number }
        return descriptor
    }

    private func watch(_ folder: String, _ events: Int32, _ descriptor: Int32) -> Int32 {
        let number = inotify_add_watch(descriptor, folder, UInt32(events) | UInt32(IN_ONLYDIR))
        if number < 0, let missing = InotifyShortage(errno) { shortage = missing }
        return number
    }
}
