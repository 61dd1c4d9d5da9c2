import Glibc

extension LogPipe {
    /// One more end for a process, of the pipe that is read here: as `writer`.
    public static func writer(beside reader: OpenFile) throws(LogFileError) -> OpenFile {
        let number = open("/proc/self/fd/\(reader.descriptor)", O_RDWR | O_CLOEXEC)
        guard number >= 0 else { throw LogFileError(cannot: "open a pipe for both directions", errno) }
        return OpenFile(number)
    }
}
