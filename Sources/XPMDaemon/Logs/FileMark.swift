import Glibc
import XPMProtocol

/// What changes with a file: which one it is, its size and when it was written to, or a folder's entries changed.
struct FileMark: Hashable, Sendable {
    private let device: dev_t
    private let inode: ino_t
    private let size: off_t
    /// In nanoseconds.
    private let modified: Int64

    /// What is at a path; nil, with errno, where there is nothing. A file system that does not answer holds this up.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
        modified = Int64(status.st_mtim.tv_sec).clampedProduct(1_000_000_000).clampedSum(Int64(status.st_mtim.tv_nsec))
    }
}
