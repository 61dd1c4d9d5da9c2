import CLinux
import Glibc

/// The folder in which each attempt has a cgroup of its own.
struct Cgroups {
    /// As in /proc/PID/cgroup.
    let path: String
    let controllers: [String]
    private let base: CgroupFiles
    private static let wanted = ["memory", "pids", "cpu"]

    /// Moves the keeper into a cgroup of its own below `path`, so that the folder itself has no process and may hand its
    /// controllers on.
    init(path: String) throws(KeeperFailure) {
        guard let base = CgroupFiles(path: path) else {
            throw KeeperFailure(cannot: "use cgroups", because: "no file system of cgroups is mounted")
        }
        guard mkdir(base.folder, 0o755) == 0 || errno == EEXIST else {
            throw KeeperFailure(cannot: "make the cgroup \(base.folder)", errno)
        }
        let own = base.child("keeper")
        guard mkdir(own.folder, 0o755) == 0 || errno == EEXIST else {
            throw KeeperFailure(cannot: "make the cgroup \(own.folder)", errno)
        }
        guard own.write("cgroup.procs", "0") else {
            throw KeeperFailure(cannot: "enter the cgroup \(own.folder)", errno)
        }
        for name in Self.wanted { _ = base.write("cgroup.subtree_control", "+\(name)") }
        let enabled = (base.read("cgroup.subtree_control") ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        controllers = enabled.filter(Self.wanted.contains)
        self.path = path
        self.base = base
    }

    /// Makes the cgroup of an attempt with its limits; nil where that is not to be had just now.
    func make(_ attempt: UInt64, _ extras: SpawnExtras) -> CgroupFiles? {
        let cgroup = base.child(String(attempt))
        guard mkdir(cgroup.folder, 0o755) == 0 || errno == EEXIST else { return nil }
        if controllers.contains("memory"), extras.memory > 0 {
            _ = cgroup.write("memory.max", String(extras.memory))
            _ = cgroup.write("memory.oom.group", "1")
        }
        if controllers.contains("pids"), extras.tasks > 0 { _ = cgroup.write("pids.max", String(extras.tasks)) }
        if controllers.contains("cpu"), extras.cpuWeight > 0 {
            _ = cgroup.write("cpu.weight", String(extras.cpuWeight))
        }
        return cgroup
    }

    /// Leaves and removes the folder, as far as it is empty: a folder that systemd manages goes with its unit.
    func leave() {
        let parent = CgroupFiles(
            folder: String(base.folder[..<(base.folder.lastIndex(of: "/") ?? base.folder.endIndex)]))
        guard parent.write("cgroup.procs", "0") else { return }
        base.child("keeper").remove()
        rmdir(base.folder)
    }

    /// Whether a limit of memory holds for a whole cgroup.
    var countsMemory: Bool { controllers.contains("memory") }
}

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
