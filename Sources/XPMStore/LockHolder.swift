import CLinux
import Glibc

/// Who has a state folder, as its lock's file says: on a file system that several hosts share the lock itself may not be seen
/// from the others.
struct LockHolder: Equatable, Sendable {
    var host: String
    /// The installation's id (machine-id(5)), for hosts may have one name; empty where there is none.
    var machine: String
    /// The kernel's boot; empty where that is not told.
    var boot: String
    var pid: Int32

    /// This process.
    static let own = LockHolder(
        host: hostName(), machine: line(of: "/etc/machine-id"), boot: line(of: "/proc/sys/kernel/random/boot_id"),
        pid: getpid())

    /// Who the open lock's file names; nil for nobody.
    static func read(from descriptor: Int32) -> LockHolder? {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        var values: [Substring: String] = [:]
        for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = String(parts[1]) }
        }
        guard let host = values["host"], let pid = values["pid"].flatMap(Int32.init) else { return nil }
        return LockHolder(host: host, machine: values["machine"] ?? "", boot: values["boot"] ?? "", pid: pid)
    }

    func write(to descriptor: Int32) {
        let bytes = Array("host \(host)\nmachine \(machine)\nboot \(boot)\npid \(pid)\n".utf8)
        // A disk without room for it still has the lock.
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { return }
        fsync(descriptor)
    }

    /// Whether it may live where this kernel cannot see it. One of this boot would have been met by its lock; one of an earlier
    /// boot of this machine is gone.
    func mayLiveElsewhere(than other: LockHolder) -> Bool {
        if !boot.isEmpty, boot == other.boot { return false }
        return host != other.host || machine != other.machine
    }

    /// Whether other hosts may use the file system of an open file, too. Of those that are not known that is taken for true.
    static func isShared(_ descriptor: Int32) -> Bool {
        var status = statfs()
        guard fstatfs(descriptor, &status) == 0 else { return true }
        return !local.contains(UInt32(truncatingIfNeeded: status.f_type))
    }

    /// The numbers by which statfs(2) tells file systems that one kernel has for itself: ext, XFS, Btrfs, tmpfs, ramfs, overlay,
    /// ZFS, F2FS, bcachefs, JFS.
    private static let local: Set<UInt32> = [
        0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x8584_58F6, 0x794C_7630, 0x2FC1_2FC1, 0xF2F5_2010, 0xCA45_1A4E,
        0x3153_464A,
    ]

    private static func hostName() -> String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &name.nodename) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }.filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
        }
    }

    private static func line(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)).filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
    }
}
