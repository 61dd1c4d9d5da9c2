import Glibc

/// Where xpmd itself is in the hierarchy: in a leaf of its own, where it would be in its services' way or end with one of them.
extension ServiceCgroup {
    /// Goes where xpmd can stay, before there is a keeper to follow it. `folders` are those in which keepers have had a
    /// cgroup for each attempt. Returns the cgroup that it is in from now on, nil where it stays in the one that it had.
    func settle(besides folders: Set<String>) -> String? {
        guard let hierarchy, let own = hierarchy.cgroup() else { return nil }
        // A client within a service may have started it, and that service's end is not its own.
        if let folder = folder(ofAttempt: own, among: folders) { return enterLeaf(of: folder, hierarchy) }
        let isOwnMaster = wish == nil && unit == nil && !Self.isSystemdThere && home(of: own) == own
        return isOwnMaster && isAlone(in: hierarchy.folder(own)) ? enterLeaf(of: own, hierarchy) : nil
    }

    /// Gives up the leaf, and what its cgroup has handed on for the services' sake.
    func unsettle() {
        guard let hierarchy, let own = hierarchy.cgroup(), own.hasSuffix("/\(leaf)") else { return }
        let parent = hierarchy.folder(Self.parent(of: own))
        for name in Self.controllers { _ = Self.write("\(parent)/cgroup.subtree_control", "-\(name)") }
        if Self.write("\(parent)/cgroup.procs", "0") { rmdir(hierarchy.folder(own)) }
    }

    /// The cgroup that xpmd was given, where `own` is the one that it is in.
    func home(of own: String) -> String {
        guard own.hasSuffix("/\(leaf)") else { return own }
        let parent = Self.parent(of: own)
        let isKeepers = parent.split(separator: "/").last?.hasPrefix("\(leaf)-") ?? false
        return isKeepers ? Self.parent(of: parent) : parent
    }

    /// The one of `folders` in which `own` is the cgroup of an attempt, or below one.
    func folder(ofAttempt own: String, among folders: Set<String>) -> String? {
        folders.first { folder in
            guard own.hasPrefix(folder + "/") else { return false }
            let name = own.dropFirst(folder.count + 1).prefix { $0 != "/" }
            return !name.isEmpty && name.allSatisfy(\.isNumber)
        }
    }

    /// Lets the cgroups in `parent` have limits, where that is for this process to decide and nothing runs in it.
    func handOn(in parent: String) {
        if Self.isSystemdThere && !Self.isDelegated(parent) { return }
        for name in Self.controllers { _ = Self.write("\(parent)/cgroup.subtree_control", "+\(name)") }
    }

    static var isSystemdThere: Bool { access("/run/systemd/system", F_OK) == 0 }

    private static let controllers = ["memory", "pids", "cpu"]

    /// Other xpmds may have their own beside it.
    private var leaf: String { "xpmd-\(instance.prefix(8))" }

    private func enterLeaf(of cgroup: String, _ hierarchy: CgroupHierarchy) -> String? {
        let path = (cgroup == "/" ? "" : cgroup) + "/\(leaf)"
        let folder = hierarchy.folder(path)
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { return nil }
        if Self.write("\(folder)/cgroup.procs", "0") { return path }
        rmdir(folder)
        return nil
    }

    /// Whether this process alone keeps a cgroup from handing controllers on.
    private func isAlone(in folder: String) -> Bool {
        let available = CgroupHierarchy.text(of: "\(folder)/cgroup.controllers")?.split(whereSeparator: \.isWhitespace)
        guard available?.contains(where: { Self.controllers.contains(String($0)) }) ?? false else { return false }
        return CgroupHierarchy.text(of: "\(folder)/cgroup.procs") == "\(getpid())\n"
    }

    private static func write(_ file: String, _ text: String) -> Bool {
        let descriptor = open(file, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count
    }
}
