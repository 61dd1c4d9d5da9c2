import CLinux
import Glibc

/// How large a terminal tells its programs that it is.
public struct TerminalSize: Equatable, Hashable, Sendable {
    public var columns: UInt16
    public var rows: UInt16

    /// A terminal of so many characters.
    public init(columns: UInt16, rows: UInt16) {
        (self.columns, self.rows) = (columns, rows)
    }
}

/// A pseudo-terminal that a service writes its output into, in place of a pipe.
///
/// It is no process's controlling terminal, so that nobody gets SIGHUP by its end; only a session's leader that opens it for reading, by
/// its name, makes it that. When all holders of the master are gone, writing fails
/// with EIO: so the service itself holds it, too, and a new reader gets it from there. What is written is read as it is: a line ends with a
/// plain line feed.
public struct LogTerminal: Sendable {
    /// The end to read; it does not block. It has an error (EIO), in place of an end, when all is read and the terminal is open nowhere.
    public let master: OpenFile
    /// The end for the service. To be closed once the service has it.
    public let terminal: OpenFile

    /// Makes a terminal. Both ends are closed at execve.
    public init(_ size: TerminalSize) throws(LogFileError) {
        var number: Int32 = -1
        let descriptor = xpm_open_terminal(&number, size.columns, size.rows)
        guard descriptor >= 0 else { throw LogFileError(cannot: "make a terminal", errno) }
        (master, terminal) = (OpenFile(descriptor), OpenFile(number))
        _ = fcntl(descriptor, F_SETFL, O_RDWR | O_NONBLOCK)
    }

    /// One more end for a process, of the terminal whose master is open here.
    public static func end(of master: OpenFile) throws(LogFileError) -> OpenFile {
        let number = xpm_terminal_of(master.descriptor)
        guard number >= 0 else { throw LogFileError(cannot: "open a terminal again", errno) }
        return OpenFile(number)
    }

    /// Gets the master from a process that has the terminal as that descriptor, and the master as another one, where nobody of ours has it
    /// any more.
    public static func reopen(pid: pid_t, descriptor: Int32) throws(LogFileError) -> OpenFile {
        let folder = "/proc/\(pid)/fd"
        let path = "\(folder)/\(descriptor)"
        var status = stat()
        guard stat(path, &status) == 0 else { throw LogFileError(cannot: "look at \(path)", errno) }
        let wanted = status.st_mode & S_IFMT == S_IFCHR ? xpm_number_of_terminal(status.st_rdev) : -1
        guard wanted >= 0 else { throw LogFileError(cannot: "open \(path)", because: "not a terminal") }
        var cause = ENOENT
        for name in try Folder.names(folder, beginning: "") {
            guard let number = Int32(name), isMaster("\(folder)/\(name)") else { continue }
            let taken = xpm_take_descriptor(pid, number)
            guard taken >= 0 else {
                cause = errno
                continue
            }
            let master = OpenFile(taken)
            if xpm_number_of_master(taken) == wanted { return master }
        }
        throw LogFileError(cannot: "get the master of \(path)", cause)
    }

    /// Whether a link in /proc leads to some master: taking hold of other descriptors could do something to their owners.
    private static func isMaster(_ path: String) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return false }
            let count = readlink(path, start, buffer.count)
            return count > 0 && String(decoding: buffer[..<count], as: UTF8.self).hasSuffix("/ptmx")
        }
    }
}
