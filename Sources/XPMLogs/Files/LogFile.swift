import CLinux
import Glibc

/// A data file of a log, with its sidecar, as a folder has them.
public struct LogFile: Equatable, Sendable {
    /// Where the data lies.
    public let path: String
    /// The number in its name; nil for the current file.
    public let rotation: UInt64?
    /// Its place in the log, by a sidecar that was written for this very file; nil makes it a foreign file, which is not touched.
    public let header: LogHeader?
    /// Which file it is, and how long it was.
    public let facts: FileFacts

    /// Whether the logger made it, or has taken it on.
    public var isOurs: Bool { header != nil }
    /// Where the sidecar lies.
    public var sidecar: String { LogName.sidecar(of: path) }

    /// Looks at a data file and its sidecar. Nil where there is no regular file; throws where that cannot be known.
    public init?(_ path: String, rotation: UInt64?) throws(LogFileError) {
        guard let facts = try FileFacts.at(path), facts.isRegular else { return nil }
        self.path = path
        self.rotation = rotation
        self.facts = facts
        let header = try Self.header(LogName.sidecar(of: path))
        let birth = header == nil ? 0 : xpm_birth_time(AT_FDCWD, path) / 1000
        self.header = header.flatMap { $0.describes(facts, birth: birth) ? $0 : nil }
    }

    /// Nil where there is no sidecar, or what lies there is somebody else's.
    private static func header(_ path: String) throws(LogFileError) -> LogHeader? {
        do throws(LogFileError) {
            return try OpenFile.open(path, O_RDONLY | O_NOFOLLOW).header()
        } catch {
            // 0 where it is no regular file.
            guard [0, ENOENT, ENOTDIR, ELOOP, ENXIO, ENODEV, EACCES, EPERM].contains(error.errno) else { throw error }
            return nil
        }
    }
}
