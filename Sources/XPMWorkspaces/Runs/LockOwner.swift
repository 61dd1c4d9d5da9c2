import Glibc

/// Which process runs an experiment: the one that holds its lock.
enum LockOwner {
    private static let tableLimit = 16 << 20

    /// All locks of the moment.
    static func table() -> LockTable {
        LockTable((try? PlainFile(path: "/proc/locks").bytes(limit: tableLimit)) ?? [])
    }

    /// The process that holds the lock of an experiment's folder; nil where nobody of this machine does.
    static func pid(of experiment: Folder, in table: LockTable) -> Int32? {
        guard let status = experiment.status(of: "lock", follow: false), status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        let locks = table.locks(inode: UInt(status.st_ino))
        let device = LockTable.Device(status.st_dev)
        if let lock = locks.first(where: { $0.device == device }) { return lock.pid }
        // Layered file systems have another device in the table than for stat(2): there the open file itself must tell.
        return locks.first { hasOpen($0.pid, status) }?.pid
    }

    private static func hasOpen(_ pid: Int32, _ wanted: stat) -> Bool {
        guard let folder = try? Folder("/proc/\(pid)/fd"), let entries = try? folder.entries() else { return false }
        return entries.contains { entry in
            folder.status(of: entry.name, follow: true).map {
                $0.st_ino == wanted.st_ino && $0.st_dev == wanted.st_dev
            } ?? false
        }
    }
}

extension LockTable.Device {
    fileprivate init(_ device: dev_t) {
        // As the C library packs them, gnu_dev_major and gnu_dev_minor.
        let number = UInt64(device)
        major = UInt32(truncatingIfNeeded: (number >> 8 & 0xFFF) | (number >> 32 & 0xFFFF_F000))
        minor = UInt32(truncatingIfNeeded: (number & 0xFF) | (number >> 12 & 0xFFFF_FF00))
    }
}
