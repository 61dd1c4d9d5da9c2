import CLinux

/// File systems on which inotify does not tell what other machines write.
enum FileSystemKind {
    /// The numbers by which statfs(2) tells them, from the kernel's and the file systems' own headers.
    private static let remote: [UInt32: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x6573_5546: "FUSE",
        0x0BD0_0BD0: "Lustre", 0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS", 0x00C3_6400: "Ceph", 0x0116_1970: "GFS2",
        0x7461_636F: "OCFS2", 0x0102_1997: "9p", 0x6B41_4653: "AFS", 0x5346_414F: "AFS", 0x7375_7245: "Coda",
        0xAAD7_AAEA: "PanFS", 0x2003_0528: "OrangeFS", 0x564C: "NCP", 0x786F_4256: "VirtualBox's shared folders",
    ]

    /// The name of the network file system that `path` lies on; nil for a local one.
    static func remote(at path: String) -> String? {
        var status = statfs()
        guard statfs(path, &status) == 0 else { return nil }
        return name(ofType: UInt32(truncatingIfNeeded: status.f_type))
    }

    /// The name of the network file system that statfs(2) tells by that number; nil for others.
    static func name(ofType type: UInt32) -> String? { remote[type] }
}
