import Glibc
import XPMKeeping
import XPMProtocol

/// One daemon per runtime folder, by a lock that the kernel drops however the process ends. The file says who holds it.
final class InstanceLock {
    private(set) var descriptor: CInt

    /// A lock that is held already, by the open file.
    init(descriptor: CInt) { self.descriptor = descriptor }

    /// What an attempt to become the folder's daemon came to.
    enum Outcome {
        case acquired(InstanceLock)
        /// Another daemon serves here already, at this socket.
        case served(String)
    }

    /// Takes the lock, or finds that another daemon answers on `socket` or where it says that it serves. Waits for one that is
    /// just ending or just beginning. Without `answering` another daemon is a fault, for nobody else can answer at `socket`.
    static func acquire(_ path: String, socket: String, answering: Bool) throws(WireError) -> Outcome {
        let descriptor = try open(path)
        // Only between two daemons that meet, so for an instant: there is no event for a lock's release.
        for _ in 0..<500 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                let lock = InstanceLock(descriptor: descriptor)
                lock.sign(socket)
                return .acquired(lock)
            }
            if answering {
                let sockets = [socket, holder(descriptor)?.socket].compactMap(\.self)
                if let found = sockets.first(where: ListeningSocket.answers) {
                    close(descriptor)
                    return .served(found)
                }
            }
            usleep(20_000)
        }
        let holder = holder(descriptor)
        close(descriptor)
        guard let holder else {
            throw WireError(.unreachable, "cannot start: another xpmd holds \(path), end it first")
        }
        throw WireError(
            .unreachable,
            "cannot start: process \(holder.pid) holds \(path), but nobody answers at its socket \(holder.socket); end it first",
            data: ["pid": .integer(Int64(holder.pid)), "socket": .string(holder.socket)])
    }

    /// Locks the file that is at `path` now, where that is another one; false where another daemon holds it.
    func renew(_ path: String, socket: String) -> Bool {
        if let own = FileIdentity(descriptor: descriptor), own == FileIdentity(path) { return true }
        guard let fresh = try? Self.open(path) else { return false }
        defer { close(fresh) }
        // The number stays, and with it what a successor is told.
        guard flock(fresh, LOCK_EX | LOCK_NB) == 0, dup2(fresh, descriptor) >= 0 else { return false }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        sign(socket)
        return true
    }

    func release() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    private static func open(_ path: String) throws(WireError) -> CInt {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw WireError(.unreachable, "cannot open the lock file \(path): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// Says whose it is. The sticky bit keeps cleaners away from it (XDG Base Directory Specification).
    private func sign(_ socket: String) {
        let text = "\(getpid()) \(socket)\n"
        _ = fchmod(descriptor, 0o1600)
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = pwrite(descriptor, text, text.utf8.count, 0)
    }

    private static func holder(_ descriptor: CInt) -> (pid: Int32, socket: String)? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, bytes[count - 1] == UInt8(ascii: "\n") else { return nil }
        let parts = String(decoding: bytes[..<(count - 1)], as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let pid = Int32(parts[0]), parts[1].hasPrefix("/") else { return nil }
        return (pid, String(parts[1]))
    }
}
