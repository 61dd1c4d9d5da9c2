import Glibc
import XPMProtocol

/// A regular file that is read no further than is good for us. Pipes, devices and links are none.
final class PlainFile {
    /// By these a file that was rewritten tells itself from the one that was read.
    struct Stamp: Hashable, Sendable {
        var device: UInt
        var inode: UInt
        var size: Int64
        /// When it was last changed, in seconds since 1970 and the rest in nanoseconds: file systems keep any year.
        var seconds: Int64
        var nanoseconds: Int64
    }

    let descriptor: CInt
    let stamp: Stamp

    /// Opens a file below a folder; fails where there is none of this kind that may be read. What is of another kind
    /// counts as not there.
    init(_ name: String, in folder: Folder) throws(FileFault) {
        // A pipe must not make us wait, nor a link lead us elsewhere.
        let opened = openat(folder.descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        // A socket is no file to the kernel either.
        guard opened >= 0 else { throw errno == ENXIO ? FileFault(code: ENOENT) : .last }
        var status = Glibc.stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw FileFault(code: ENOENT)
        }
        (descriptor, stamp) = (opened, Stamp(status))
    }

    /// Opens a file by its path, as of /proc; fails where that may not be read.
    init(path: String) throws(FileFault) {
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard opened >= 0 else { throw .last }
        (descriptor, stamp) = (opened, Stamp(device: 0, inode: 0, size: 0, seconds: 0, nanoseconds: 0))
    }

    deinit { close(descriptor) }

    /// At most `limit` bytes from `offset` on.
    func bytes(from offset: Int64 = 0, limit: Int) -> [UInt8] {
        let expected = stamp.size > offset ? Int((stamp.size - offset).clampedSum(1)) : 4096
        var bytes: [UInt8] = []
        var capacity = min(limit, max(expected, 1))
        while bytes.count < limit {
            let start = bytes.count
            var count = 0
            bytes.reserveCapacity(start + capacity)
            bytes += [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
                count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset) + off_t(start))
                initialized = max(0, count)
            }
            guard count > 0 else { break }
            capacity = min(limit - bytes.count, max(4096, capacity))
        }
        return bytes
    }
}

extension PlainFile.Stamp {
    init(_ status: stat) {
        self.init(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int64(status.st_size),
            seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    }

    /// When it was last changed, in nanoseconds since 1970; of what is further away the nearest that can be told.
    var modified: Int64 { seconds.clampedProduct(1_000_000_000).clampedSum(nanoseconds) }

    /// Whether it was written to within the last seconds, or is said to be later than now by no more.
    func isFresh(within span: Int64) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return (-span...span).contains(Int64(now.tv_sec).clampedDifference(seconds))
    }
}
