import Glibc

/// The unified hierarchy as this process sees it: where it is mounted, and which part of it.
struct CgroupHierarchy: Sendable {
    /// Where it is mounted, `/sys/fs/cgroup` in most places.
    let mountPoint: String
    /// Which cgroup is at the mount point; in some containers not `/`.
    let root: String

    /// Found in /proc/self/mountinfo; nil where there is none.
    init?() { self.init(mountInfo: Self.text(of: "/proc/self/mountinfo") ?? "") }

    /// Found in the text of a mountinfo file.
    init?(mountInfo: String) {
        for line in mountInfo.split(separator: "\n") {
            // proc(5): number, parent, device, root, mount point, options, optional fields, "-", type, …
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, dash >= 6,
                fields[dash + 1] == "cgroup2"
            else { continue }
            (root, mountPoint) = (String(fields[3]), String(fields[4]))
            return
        }
        return nil
    }

    /// The cgroup of a process as a path below the mount point; nil where it is in none that can be seen from here.
    func cgroup(of process: String = "self") -> String? {
        Self.text(of: "/proc/\(process)/cgroup").flatMap(cgroup(inFile:))
    }

    /// The same, from the text of a process's cgroup file.
    func cgroup(inFile text: String) -> String? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else { return nil }
        let path = line.dropFirst("0::".count)
        guard !path.hasPrefix("/.."), !path.hasSuffix(" (deleted)") else { return nil }
        if root == "/" { return String(path) }
        if path == root { return "/" }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count)) : nil
    }

    /// The folder of a cgroup.
    func folder(_ cgroup: String) -> String { cgroup == "/" ? mountPoint : mountPoint + cgroup }

    /// What a file holds; nil where it cannot be read.
    static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = read(file, &chunk, chunk.count), count != 0 {
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
