import CLinux
import Glibc

/// Which file something is, and how long.
public struct FileFacts: Equatable, Sendable {
    public let device: UInt64
    public let inode: UInt64
    /// In bytes.
    public let size: UInt64
    /// Names that lead to it; 0 once it is deleted.
    public let links: UInt64
    public let isRegular: Bool
    public let isFIFO: Bool

    /// What is at a path, links not followed; nil with errno.
    public init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// What is at a path, links not followed; nil only where there is nothing for certain. Whoever may not look, or gets no answer, knows
    /// nothing.
    static func at(_ path: String) throws(LogFileError) -> FileFacts? {
        if let facts = FileFacts(path) { return facts }
        guard errno == ENOENT || errno == ENOTDIR else { throw LogFileError(cannot: "look at \(path)", errno) }
        return nil
    }

    /// An open file; nil with errno.
    public init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = UInt64(clamping: status.st_size)
        links = UInt64(status.st_nlink)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isFIFO = status.st_mode & S_IFMT == S_IFIFO
    }

    /// Whether both are the same file.
    public func isSame(as other: FileFacts) -> Bool { device == other.device && inode == other.inode }
}

extension LogHeader {
    /// Whether it was written for this very file. Inodes are used again at once, so the birth decides where the file system knows
    /// it; numbers of devices change from boot to boot on some, so only where not.
    public func describes(_ facts: FileFacts, birth: Int64) -> Bool {
        guard facts.isRegular, facts.inode == inode else { return false }
        return hasBirth && birth > 0 ? birth == created : facts.device == device
    }

    /// Whether it was written for this open file.
    public func describes(_ file: OpenFile) -> Bool {
        guard let facts = FileFacts(descriptor: file.descriptor) else { return false }
        return describes(facts, birth: xpm_birth_of(file.descriptor))
    }
}
