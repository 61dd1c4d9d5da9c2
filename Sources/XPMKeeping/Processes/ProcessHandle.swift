import CLinux
import Glibc

/// A process held by a pidfd: its number may be reused, the handle never means another one.
final class ProcessHandle {
    /// Why a process could not be taken hold of.
    enum Failure: Error, Equatable {
        /// It is gone, or its number means another process now.
        case gone
        /// The kernel refused a descriptor, with this errno.
        case unavailable(Int32)
    }

    let descriptor: Descriptor

    /// Opened before the start time is compared, so that what was compared is what is held. A zombie can be held.
    init(pid: Int32, startTime: UInt64) throws(Failure) {
        let number = xpm_pidfd_open(pid)
        guard number >= 0 else { throw errno == ESRCH || errno == EINVAL ? .gone : .unavailable(errno) }
        descriptor = Descriptor(number)
        guard let stat = ProcessFiles.stat(of: pid), stat.startTime == startTime else { throw .gone }
    }

    func send(_ signal: Int32) {
        // A process that is gone by now is what most signals are for.
        _ = xpm_pidfd_send_signal(descriptor.number, signal)
    }

    /// How it ended, if its parent has reaped it and the kernel tells others (Linux 6.15).
    var exitStatus: ExitStatus? {
        var status: Int32 = 0
        return xpm_pidfd_exit_status(descriptor.number, &status) == 1 ? ExitStatus(waitStatus: status) : nil
    }
}
