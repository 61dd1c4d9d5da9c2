import Glibc

/// What this machine or process has none left of, so that a call fails that says nothing of whom it was meant for.
enum Shortage {
    /// Whether a call failed for want of descriptors, memory or ports of its caller's.
    static func isMeant(by code: Int32) -> Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL].contains(code) }

    /// The same for a process that was to be started.
    static func isMeant(bySpawn code: Int32) -> Bool { code == EAGAIN || isMeant(by: code) }

    /// What is missing just now for any file to be looked into, as an error of open(2); nil for nothing.
    static var current: Int32? {
        let trial = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard trial >= 0 else { return isMeant(by: errno) ? errno : nil }
        close(trial)
        return nil
    }
}
