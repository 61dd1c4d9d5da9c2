import Glibc
import Synchronization
import XPMClient

/// Whether anybody still reads what this process writes. A command that writes rarely would never find out by writing.
enum Readers {
    private static let isWatched = Atomic(false)

    /// From now on the process ends as by SIGPIPE, after `last`, when all of `descriptors` that somebody read have lost their reader:
    /// a pipe's other end, a terminal. Costs a thread that sleeps.
    static func watch(_ descriptors: [Int32], last: @escaping @Sendable () -> Void = {}) {
        guard !isWatched.exchange(true, ordering: .relaxed) else { return }
        Thread.start {
            guard waitForLoss(descriptors) else { return }
            last()
            // One who ignores it has a parent that does, and wants the end no less.
            signal(SIGPIPE, SIG_DFL)
            kill(getpid(), SIGPIPE)
        }
    }

    /// Waits for the last loss; false where there was nobody from the beginning.
    private static func waitForLoss(_ descriptors: [Int32]) -> Bool {
        var watched = descriptors.map { pollfd(fd: $0, events: 0, revents: 0) }
        var wasLost = false
        while watched.contains(where: { $0.fd >= 0 }) {
            guard poll(&watched, nfds_t(watched.count), -1) > 0 else { continue }
            for index in watched.indices where watched[index].revents != 0 {
                if Int32(watched[index].revents) & (POLLERR | POLLHUP) != 0 { wasLost = true }
                // Told once; a number below 0 is passed over.
                watched[index] = pollfd(fd: -1, events: 0, revents: 0)
            }
        }
        return wasLost
    }
}
