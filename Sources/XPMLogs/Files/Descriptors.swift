import Glibc

/// The numbers of files that are open.
enum Descriptors {
    /// What is open at a time, at most, beyond what stays open, while a log is opened.
    private static let margin = 4

    /// Throws where not so many can be opened now: a file that cannot be opened for that reason would pass for one that is not there.
    static func expectRoom() throws(LogFileError) {
        var opened: [OpenFile] = []
        while opened.count < margin {
            let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard number >= 0 else { throw LogFileError(cannot: "open its files", errno) }
            opened.append(OpenFile(number))
        }
    }
}
