import CLinux
import Glibc

/// The pipe that a service writes its output into.
///
/// The service's end is opened for reading, too, so that it has a reader as long as the service itself: writing fails with EPIPE for no
/// death of ours. What nobody of ours reads waits in the pipe, and a new reader is opened through the process that holds it.
public struct LogPipe: Sendable {
    /// The end to read; it does not block. Whoever holds it keeps nothing alive: the end of file comes when all writers are gone.
    public let reader: OpenFile
    /// The end for the service, blocking as programs expect it. To be closed once the service has it.
    public let writer: OpenFile

    /// Makes a pipe. Both ends are closed at execve.
    public init() throws(LogFileError) {
        var (readEnd, writeEnd): (Int32, Int32) = (-1, -1)
        guard xpm_pipe(&readEnd, &writeEnd) == 0 else { throw LogFileError(cannot: "make a pipe", errno) }
        reader = OpenFile(readEnd)
        let plain = OpenFile(writeEnd)
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        writer = try Self.writer(beside: plain)
    }

    /// One more end for a process, of the pipe that one end of is open here: as `writer`.
    public static func writer(beside end: OpenFile) throws(LogFileError) -> OpenFile {
        let number = open("/proc/self/fd/\(end.descriptor)", O_RDWR | O_CLOEXEC)
        guard number >= 0 else { throw LogFileError(cannot: "open a pipe for both directions", errno) }
        return OpenFile(number)
    }

    /// Which pipe the ends belong to, as long as one of them is open.
    public var inode: UInt64 { FileFacts(descriptor: reader.descriptor)?.inode ?? 0 }

    /// Which pipe, or which terminal, an end to read belongs to, among those that are open; nil for what is neither.
    public static func identity(of end: OpenFile) -> UInt64? {
        guard let facts = FileFacts(descriptor: end.descriptor) else { return nil }
        if facts.isFIFO { return facts.inode }
        // All masters are one file.
        let number = xpm_number_of_master(end.descriptor)
        return number < 0 ? nil : 1 << 63 | UInt64(number)
    }

    /// Whether nobody has the other end of a pipe or a terminal open.
    public static func isHungUp(_ end: OpenFile) -> Bool {
        var state = pollfd(fd: end.descriptor, events: 0, revents: 0)
        return poll(&state, 1, 0) == 1 && Int32(state.revents) & (POLLHUP | POLLERR | POLLNVAL) != 0
    }

    /// Opens the reader again through a process that has the pipe open, where nobody of ours has it any more. Refuses what is no pipe,
    /// and, where `inode` is given, another pipe than that one.
    public static func reopen(pid: pid_t, descriptor: Int32, inode: UInt64? = nil) throws(LogFileError) -> OpenFile {
        let path = "/proc/\(pid)/fd/\(descriptor)"
        // A look first: opening could do something to a terminal or a device.
        var status = stat()
        guard stat(path, &status) == 0 else { throw LogFileError(cannot: "look at \(path)", errno) }
        guard status.st_mode & S_IFMT == S_IFIFO else {
            throw LogFileError(cannot: "open \(path)", because: "not a pipe")
        }
        let number = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard number >= 0 else { throw LogFileError(cannot: "open \(path)", errno) }
        let reader = OpenFile(number)
        guard let facts = FileFacts(descriptor: number), facts.isFIFO, inode == nil || facts.inode == inode else {
            throw LogFileError(cannot: "open \(path)", because: "another pipe")
        }
        return reader
    }
}
