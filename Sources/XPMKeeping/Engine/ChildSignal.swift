import CLinux
import Glibc

/// SIGCHLD as something to wait for: a signalfd(2).
struct ChildSignal {
    let descriptor: Descriptor

    init() throws(KeeperFailure) {
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGCHLD)
        // All others get through, whatever mask was inherited.
        guard sigprocmask(SIG_SETMASK, &mask, nil) == 0 else { throw KeeperFailure(cannot: "block SIGCHLD", errno) }
        let number = signalfd(-1, &mask, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
        guard number >= 0 else { throw KeeperFailure(cannot: "create signalfd", errno) }
        descriptor = Descriptor(number)
    }

    /// One signal may stand for many children: what it says is thrown away, and all are looked for.
    func drain() {
        var info = signalfd_siginfo()
        while read(descriptor.number, &info, MemoryLayout<signalfd_siginfo>.size) > 0 {}
    }
}
