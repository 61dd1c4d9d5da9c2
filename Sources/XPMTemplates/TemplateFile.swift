import Glibc
import XPMProtocol

/// A file of TOML, a template's or the settings', opened once so that what is measured is what is read.
struct TemplateFile: ~Copyable {
    /// The most bytes of one file.
    static let sizeLimit = 1 << 18

    /// By what a file that was changed or replaced tells itself from the one that was read before.
    struct Version: Hashable {
        let device: UInt
        let inode: UInt
        let size: Int
        let changedSeconds: Int
        let changedNanoseconds: Int
    }

    let version: Version
    private let descriptor: Int32

    /// The same for one that need not be there.
    init?(ifPresent path: String) throws(TemplateFault) {
        guard access(path, F_OK) == 0 || errno != ENOENT && errno != ENOTDIR else { return nil }
        try self.init(path)
    }

    /// Opens a regular file of bearable size.
    init(_ path: String) throws(TemplateFault) {
        // Non-blocking, for a FIFO of that name would make everybody wait.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw TemplateFault("", "the file cannot be opened: \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw TemplateFault("", "it is not a file")
        }
        guard status.st_size <= Self.sizeLimit else {
            close(descriptor)
            throw TemplateFault("", "the file has more than \(Self.sizeLimit) bytes")
        }
        self.descriptor = descriptor
        version = Version(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            changedSeconds: status.st_ctim.tv_sec, changedNanoseconds: status.st_ctim.tv_nsec)
    }

    deinit { close(descriptor) }

    /// Its text.
    func text() throws(TemplateFault) -> String {
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard more >= 0 else {
                throw TemplateFault("", "the file cannot be read: \(String(cString: strerror(errno)))")
            }
            if more == 0 { break }
            count += more
        }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw TemplateFault("", "it is not UTF-8")
        }
        return text
    }
}
