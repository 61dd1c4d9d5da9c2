import Glibc
import XPMProtocol

/// What one xpmd leaves to the program that takes its place in the same process: open descriptors.
public struct Handover: Sendable {
    /// The control socket, listening all the time.
    public var listener: CInt
    /// The file that is locked as this instance's own.
    public var lock: CInt
    /// Whether systemd made the socket, so that its file stays.
    public var isSystemdsSocket: Bool

    /// A handover of these.
    public init(listener: CInt, lock: CInt, isSystemdsSocket: Bool) {
        self.listener = listener
        self.lock = lock
        self.isSystemdsSocket = isSystemdsSocket
    }

    /// The command line's part that tells of it.
    var arguments: [String] {
        ["--listen-fd", "\(listener)", "--lock-fd", "\(lock)"] + (isSystemdsSocket ? ["--systemds-socket"] : [])
    }

    /// Keeps the descriptors from programs that are started; refuses numbers that are none of a listening socket and a file.
    func accept() throws(WireError) {
        var listens: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0, listens == 1 else {
            throw WireError(.unreachable, "cannot take over: descriptor \(listener) is not a listening socket")
        }
        guard fcntl(listener, F_SETFD, FD_CLOEXEC) == 0, fcntl(lock, F_SETFD, FD_CLOEXEC) == 0 else {
            throw WireError(.unreachable, "cannot take over: descriptor \(lock) is not open")
        }
    }

    /// Lets the next program have these descriptors and no other but the standard ones.
    func release() {
        // Whatever else: without these there is no next daemon, and to look at the others takes a descriptor.
        for descriptor in [listener, lock] { _ = fcntl(descriptor, F_SETFD, 0) }
        guard let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let descriptor = CInt(name), descriptor > STDERR_FILENO else { continue }
            _ = fcntl(descriptor, F_SETFD, descriptor == listener || descriptor == lock ? 0 : FD_CLOEXEC)
        }
    }
}
