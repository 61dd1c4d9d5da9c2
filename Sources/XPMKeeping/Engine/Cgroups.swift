import Glibc

/// The folder in which each attempt has a cgroup of its own.
struct Cgroups {
    /// A cgroup that was made for an attempt.
    struct Place {
        let cgroup: CgroupFiles
        /// It limits memory.
        let countsMemory: Bool
    }

    /// As in /proc/PID/cgroup.
    let path: String
    let controllers: [String]
    private let base: CgroupFiles
    private static let wanted = ["memory", "pids", "cpu"]

    /// Moves the keeper into a cgroup of its own below `path`, so that the folder itself has no process and may hand its
    /// controllers on.
    init(path: String) throws(KeeperFailure) {
        guard let base = CgroupFiles(path: path) else {
            throw KeeperFailure(cannot: "use cgroups", because: "no mounted file system of cgroups shows \(path)")
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

    /// Makes the cgroup of an attempt with its limits; nil where that is not to be had just now, which is said in the log.
    func make(_ attempt: UInt64, _ extras: SpawnExtras) -> Place? {
        let cgroup = base.child(String(attempt))
        // One that is there already may have limits of its own, and must not if it has processes.
        if mkdir(cgroup.folder, 0o755) != 0, errno != EEXIST || !cgroup.remove() || mkdir(cgroup.folder, 0o755) != 0 {
            let failure = KeeperFailure(cannot: "make the cgroup \(cgroup.folder)", errno)
            KeeperLog.write("\(failure)")
            return nil
        }
        let refused = cgroup.limit(extras, controllers)
        for failure in refused.values { KeeperLog.write("\(failure)") }
        let countsMemory = controllers.contains("memory") && extras.memory > 0 && refused["memory"] == nil
        return Place(cgroup: cgroup, countsMemory: countsMemory)
    }

    /// Leaves and removes the folder, as far as it is empty: a folder that systemd manages goes with its unit.
    func leave() {
        let parent = CgroupFiles(
            folder: String(base.folder[..<(base.folder.lastIndex(of: "/") ?? base.folder.endIndex)]))
        guard parent.write("cgroup.procs", "0") else { return }
        base.child("keeper").remove()
        rmdir(base.folder)
    }
}

extension CgroupFiles {
    /// Sets limits as far as their controllers are at hand; returns what was refused, by controller.
    func limit(_ extras: SpawnExtras, _ controllers: [String]) -> [String: KeeperFailure] {
        let limits: [(controller: String, file: String, value: UInt64)] = [
            ("memory", "memory.max", extras.memory), ("pids", "pids.max", extras.tasks),
            ("cpu", "cpu.weight", UInt64(extras.cpuWeight)),
        ]
        var refused: [String: KeeperFailure] = [:]
        for (controller, file, value) in limits where value > 0 && controllers.contains(controller) {
            if write(file, String(value)) { continue }
            refused[controller] = KeeperFailure(cannot: "set \(file) of \(folder) to \(value)", errno)
        }
        // All of an attempt or nothing: half of one is of no use. Linux has it since 4.19.
        if extras.memory > 0, controllers.contains("memory") { _ = write("memory.oom.group", "1") }
        return refused
    }
}
