import Glibc

/// What /proc says of a process: how it was called, where it is, where it writes. Bytes are as the kernel has them.
public struct ProcessImage: Equatable, Sendable {
    public var pid: Int32
    /// Field 22 of /proc/pid/stat, in clock ticks since boot.
    public var startTime: UInt64
    /// Its arguments, the program's name first. A process may have written others there.
    public var arguments: [[UInt8]]
    /// The `KEY=value` entries that it was started with; empty for who may not look.
    public var environment: [[UInt8]]
    /// The folder that it is in, perhaps with ` (deleted)` behind it.
    public var folder: [UInt8]?
    /// The program's file.
    public var executable: [UInt8]?
    /// The regular files, not removed since, that its standard output and standard error go to.
    public var standardOutput: [UInt8]?
    public var standardError: [UInt8]?

    /// The process that has `pid` now, if it began at `startTime`; nil for one that is gone.
    public init?(pid: Int32, startTime: UInt64? = nil) {
        guard pid > 0, let before = ProcessFiles.stat(of: pid), !before.isGone,
            before.startTime == startTime ?? before.startTime
        else { return nil }
        self.pid = pid
        self.startTime = before.startTime
        // The last argument ends with a NUL, too; one in the middle may be empty.
        var words = (ProcessFiles.contents(of: "/proc/\(pid)/cmdline") ?? [])
            .split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        if words.last?.isEmpty == true { words.removeLast() }
        arguments = words
        environment = ProcessFiles.environment(of: pid).map(Array.init)
        folder = Self.target(of: "/proc/\(pid)/cwd")
        executable = Self.target(of: "/proc/\(pid)/exe")
        standardOutput = Self.file(behind: "/proc/\(pid)/fd/1")
        standardError = Self.file(behind: "/proc/\(pid)/fd/2")
        // Whatever was read was read of this process, if it is still there.
        guard ProcessFiles.stat(of: pid)?.startTime == before.startTime else { return nil }
    }

    /// The value of an environment variable.
    public func value(of key: String) -> String? {
        let prefix = Array("\(key)=".utf8)
        return environment.first { $0.starts(with: prefix) }
            .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }

    private static func target(of link: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(link, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
        }
        // One that fills the buffer was cut.
        return count > 0 && count < buffer.count ? Array(buffer[..<count]) : nil
    }

    private static func file(behind link: String) -> [UInt8]? {
        var opened = stat()
        var named = stat()
        guard let path = target(of: link), path.first == UInt8(ascii: "/"), stat(link, &opened) == 0,
            opened.st_mode & S_IFMT == S_IFREG, stat(String(decoding: path, as: UTF8.self), &named) == 0,
            named.st_dev == opened.st_dev, named.st_ino == opened.st_ino
        else { return nil }
        return path
    }
}
