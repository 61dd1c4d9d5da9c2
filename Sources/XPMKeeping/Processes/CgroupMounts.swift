/// Where the cgroups of version 2 are mounted: at /sys/fs/cgroup, beside the older ones, or anywhere.
struct CgroupMounts: Equatable, Sendable {
    /// One mount. A container's may show only a part of the cgroups: those below `root`.
    struct Mount: Equatable, Sendable {
        let root: String
        let point: String
    }

    let mounts: [Mount]

    static let own = CgroupMounts(
        mountinfo: String(decoding: ProcessFiles.contents(of: "/proc/self/mountinfo") ?? [], as: UTF8.self))

    /// Reads proc_pid_mountinfo(5).
    init(mountinfo table: String) {
        mounts = table.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            // A dash ends the optional fields; the type is behind it.
            guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"), dash + 1 < fields.count,
                fields[dash + 1] == "cgroup2"
            else { return nil }
            return Mount(root: Self.unescaped(fields[3]), point: Self.unescaped(fields[4]))
        }
    }

    /// The folder of a cgroup with a path as in /proc/PID/cgroup; nil where none of the mounts shows it.
    func folder(of path: String) -> String? {
        guard Self.isPlain(path) else { return nil }
        for mount in mounts {
            if mount.root == "/" { return path == "/" ? mount.point : mount.point + path }
            guard path == mount.root || path.hasPrefix(mount.root + "/") else { continue }
            return mount.point + path.dropFirst(mount.root.count)
        }
        return nil
    }

    /// An absolute path that leads nowhere but down.
    private static func isPlain(_ path: String) -> Bool {
        if path == "/" { return true }
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return false }
        return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    /// Spaces, tabs, line ends and backslashes are written as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
