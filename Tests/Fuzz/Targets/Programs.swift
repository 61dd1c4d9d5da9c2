@testable import XPMDaemon
@testable import XPMKeeping

extension FuzzTarget {
    /// The head of a program, and what the kernel tells of processes: names in it are the processes' own.
    static let programs = FuzzTarget(name: "programs") { bytes in
        _ = ELFHeader.fault(of: FileHead(bytes: ELFHeader.magic + bytes))
        if let stat = ProcessStat(line: bytes) { try require(stat.name.count <= bytes.count, "a name is in its line") }
        let (table, path) = bytes.halves
        let mounts = CgroupMounts(mountinfo: String(decoding: table, as: UTF8.self))
        let cgroup = "/" + String(decoding: path, as: UTF8.self)
        guard mounts.folder(of: cgroup) != nil else { return }
        try require(!cgroup.split(separator: "/").contains(".."), "a path leads nowhere but down")
    }
}
