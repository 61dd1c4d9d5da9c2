import CLinux
import Glibc

/// Where in the hierarchy of cgroups a keeper may make one for each attempt, and the removal of what it leaves there.
struct ServiceCgroup: Sendable {
    /// The id of the state folder.
    var instance: String
    /// XPMD_CGROUP: `none`, or a folder to use.
    var wish: String?
    /// The unit of a user manager that this process is the main process of.
    var unit: String?
    var hierarchy = CgroupHierarchy()

    /// A decision for this process. `environment` is its own, with what systemd has put there.
    init(instance: String, environment: [String: String]) {
        self.instance = instance
        wish = environment["XPMD_CGROUP"].flatMap { $0.isEmpty ? nil : $0 }
        // A program that was started from within a unit has inherited the manager's pid, but was not executed by it.
        // Before 248 systemd did not say whom it executed; who has its socket for notifications is taken for it then.
        let wasExecuted =
            environment["SYSTEMD_EXEC_PID"].map { $0 == String(getpid()) } ?? (environment["NOTIFY_SOCKET"] != nil)
        let name = hierarchy?.cgroup()?.split(separator: "/").last.map(String.init)
        if environment["MANAGERPID"] != nil, wasExecuted, let name, name.hasSuffix(".service") { unit = name }
    }

    /// The cgroup that the keeper may divide, as a path below the mount point, or why there is none. Blocks, for as long
    /// as systemd takes to make a scope.
    func folder(forKeeper pid: Int32) -> (folder: String?, reason: String) {
        if wish == "none" { return (nil, "XPMD_CGROUP is none") }
        guard let hierarchy else { return (nil, "the unified hierarchy is not mounted") }
        if let wish { return made(wished(wish, hierarchy), hierarchy) }
        if let unit { return scope(ofKeeper: pid, before: unit, hierarchy) }
        guard let own = hierarchy.cgroup().map(home) else {
            return (nil, "xpmd's own cgroup is not below the mount point")
        }
        let folder = hierarchy.folder(own)
        // With systemd a cgroup is its own business, except where it says otherwise.
        if Self.isSystemdThere && !Self.isDelegated(folder) {
            return (nil, "xpmd is neither a unit of the user manager nor in a delegated cgroup")
        }
        // A keeper that ended while no xpmd was there has left its own.
        sweep(folder)
        return made((own == "/" ? "" : own) + "/\(prefix)\(pid)", hierarchy)
    }

    /// Removes what keepers that have ended leave: their folders, as far as nothing lives there. `folder` is the last one's.
    func remove(_ folder: String?) {
        guard let hierarchy else { return }
        if let folder {
            // All that is left in one that others may use too.
            rmdir(hierarchy.folder(folder) + "/keeper")
            sweep(hierarchy.folder(Self.parent(of: folder)))
        }
        if let own = hierarchy.cgroup().map(home) { sweep(hierarchy.folder(own)) }
        unsettle()
    }

    private func sweep(_ parent: String) {
        for name in Self.folders(in: parent) where name.hasPrefix(prefix) { remove(tree: "\(parent)/\(name)") }
    }

    /// What the folders that are made here have in common; another xpmd may make its own beside them.
    private var prefix: String { "xpmd-\(instance.prefix(8))-" }

    /// XPMD_CGROUP may be given with the mount point or without.
    private func wished(_ wish: String, _ hierarchy: CgroupHierarchy) -> String {
        var path = wish[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if path.hasPrefix(hierarchy.mountPoint + "/") { path.removeFirst(hierarchy.mountPoint.count) }
        return String(path)
    }

    private func made(_ cgroup: String, _ hierarchy: CgroupHierarchy) -> (folder: String?, reason: String) {
        guard cgroup.hasPrefix("/"), cgroup != "/" else { return (nil, "\(cgroup) is not the path of a cgroup") }
        let folder = hierarchy.folder(cgroup)
        if mkdir(folder, 0o755) == 0 {
            handOn(in: hierarchy.folder(Self.parent(of: cgroup)))
        } else if errno != EEXIST {
            return (nil, "cannot make \(folder): \(String(cString: strerror(errno)))")
        }
        guard access(folder, W_OK) == 0 else {
            return (nil, "cannot use \(folder): \(String(cString: strerror(errno)))")
        }
        return (cgroup, "")
    }

    private func scope(ofKeeper pid: Int32, before unit: String, _ hierarchy: CgroupHierarchy)
        -> (folder: String?, reason: String)
    {
        let name = KeeperScope.name(ofKeeper: pid)
        // An xpmd before this one may have come so far.
        if let cgroup = hierarchy.cgroup(of: "\(pid)"), cgroup.hasSuffix("/\(name)") { return (cgroup, "") }
        do throws(KeeperScope.Failure) {
            try KeeperScope(before: unit).take(pid)
        } catch {
            return (nil, "cannot make \(name): \(error)")
        }
        guard let cgroup = hierarchy.cgroup(of: "\(pid)"), cgroup.hasSuffix("/\(name)") else {
            return (nil, "cannot find the keeper in \(name)")
        }
        return (cgroup, "")
    }

    /// systemd marks the cgroups that it leaves to whoever is in them.
    static func isDelegated(_ folder: String) -> Bool {
        ["user.delegate", "trusted.delegate"].contains { name in
            var value = CChar(0)
            return getxattr(folder, name, &value, 1) == 1 && value == CChar(UInt8(ascii: "1"))
        }
    }

    /// Removes a cgroup and those below it, as far as they have no process.
    private func remove(tree folder: String) {
        for name in Self.folders(in: folder) { remove(tree: "\(folder)/\(name)") }
        rmdir(folder)
    }

    static func parent(of cgroup: String) -> String {
        let parent = cgroup.prefix(upTo: cgroup.lastIndex(of: "/") ?? cgroup.startIndex)
        return parent.isEmpty ? "/" : String(parent)
    }

    private static func folders(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
