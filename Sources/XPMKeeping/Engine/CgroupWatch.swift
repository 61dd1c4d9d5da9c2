import CLinux
import Glibc

/// Tells when the last process of a cgroup is gone: inotify(7) on the files that say so, from the end of main processes on.
struct CgroupWatch {
    let descriptor: Descriptor

    init() throws(KeeperFailure) {
        let number = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard number >= 0 else { throw KeeperFailure(cannot: "create inotify", errno) }
        descriptor = Descriptor(number)
    }

    /// False where the kernel refuses; then it has to be looked at again. The watch ends with the cgroup.
    func watch(_ cgroup: CgroupFiles) -> Bool {
        inotify_add_watch(descriptor.number, cgroup.folder + "/cgroup.events", UInt32(IN_MODIFY)) >= 0
    }

    func drain() {
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
            while read(descriptor.number, buffer.baseAddress, buffer.count) > 0 {}
        }
    }
}
