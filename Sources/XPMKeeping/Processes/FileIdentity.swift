import Glibc

/// Which file a path or a descriptor means, whatever its name.
package struct FileIdentity: Equatable, Sendable {
    private let device: dev_t
    private let inode: ino_t

    /// What is at a path, links not followed; nil where there is nothing.
    package init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// An open file.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = status.st_dev
        inode = status.st_ino
    }

    /// Whether both are on one file system.
    package func isBeside(_ other: FileIdentity) -> Bool { device == other.device }
}
