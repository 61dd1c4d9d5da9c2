import CLinux
import Glibc

/// The listening socket that xpmd handed over, and its place in the file system.
final class KeeperListener {
    private var descriptor: Descriptor
    /// Kept open until nobody waits for it any more.
    private var replaced: Descriptor?
    private let path: String
    private var identity: FileIdentity?
    /// Given up for a moment to accept, and close, a connection when descriptors are short; it would be announced for
    /// ever otherwise.
    private var spare: Descriptor?

    init(_ descriptor: Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
        identity = FileIdentity(path)
        takeSpare()
    }

    var number: Int32 { descriptor.number }

    /// Whether somebody who connects by the path comes here.
    var isAtItsPath: Bool { identity != nil && FileIdentity(path) == identity }

    /// Listens at the path again, by another socket; false where that cannot be, or another keeper listens there.
    func rebind() -> Bool {
        guard let slash = path.lastIndex(of: "/"), PrivateFolder.make(String(path[..<slash])),
            let fresh = try? KeeperLaunch.listen(at: path)
        else { return false }
        replaced = descriptor
        descriptor = fresh
        identity = FileIdentity(path)
        return true
    }

    func closeReplaced() { replaced = nil }

    /// The next connection of this very user; nil when none waits.
    func accept() -> Descriptor? {
        while true {
            let number = xpm_accept(descriptor.number)
            if number >= 0 {
                let peer = Descriptor(number)
                var user: uid_t = 0
                if xpm_peer_user(number, &user) == 0 && user == geteuid() { return peer }
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE:
                guard spare != nil else { return nil }
                spare = nil
                let refused = xpm_accept(descriptor.number)
                if refused >= 0 { close(refused) }
                takeSpare()
                if refused < 0 { return nil }
            default: return nil
            }
        }
    }

    /// Removes the socket's file, unless another keeper has put its own there.
    func unlinkPath() {
        if identity != nil && FileIdentity(path) == identity { unlink(path) }
    }

    private func takeSpare() {
        let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
        spare = number >= 0 ? Descriptor(number) : nil
    }
}
