import CLinux
import Glibc

/// Tells when the last process of a cgroup is gone: inotify(7) on the files that say so, from the end of main processes on.
struct CgroupWatch {
    /// Nil until the first is watched, and while the kernel gives no instance.
    private var descriptor: Descriptor?
    private var isTold = false

    /// False where the kernel refuses; then it has to be looked at again. The watch ends with the cgroup.
    mutating func watch(_ cgroup: CgroupFiles, by poller: Poller) -> Bool {
        guard let descriptor = open(poller) else {
            tell(.instances)
            return false
        }
        if inotify_add_watch(descriptor.number, cgroup.folder + "/cgroup.events", UInt32(IN_MODIFY)) >= 0 {
            return true
        }
        if let shortage = InotifyShortage(errno) { tell(shortage) }
        return false
    }

    func drain() {
        guard let descriptor else { return }
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
            while read(descriptor.number, buffer.baseAddress, buffer.count) > 0 {}
        }
    }

    private mutating func open(_ poller: Poller) -> Descriptor? {
        if let descriptor { return descriptor }
        let number = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard number >= 0 else { return nil }
        let opened = Descriptor(number)
        guard poller.add(number, .cgroups) else { return nil }
        descriptor = opened
        return opened
    }

    private mutating func tell(_ shortage: InotifyShortage) {
        if isTold { return }
        isTold = true
        KeeperLog.write("\(shortage.description): cgroups of services that end are looked at again and again")
    }
}
