import CLinux
import Glibc

/// The descriptors 0 to 2, which a caller may have closed (`<&- >&-`). The next ones that are opened get their numbers, and would pass
/// for input, output and errors.
package enum StandardDescriptors {
    /// Opens /dev/null as those that are closed: for programs, at their start.
    package static func open() { xpm_open_standard() }

    /// A descriptor out of their way, in place of one that may be one of them; the program whose library this is may have closed some
    /// on purpose. Closes the given one where it gives another.
    static func avoid(_ descriptor: Int32) -> Int32 {
        guard (0...STDERR_FILENO).contains(descriptor) else { return descriptor }
        let other = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard other >= 0 else { return descriptor }
        close(descriptor)
        return other
    }
}
