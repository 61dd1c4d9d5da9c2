import CLinux
import Glibc

/// The logger's socket, and the lock that makes it the only one of its folder.
final class LoggerListener {
    private let lock: OpenFile
    private let socket: OpenFile
    private let path: String
    private let facts: FileFacts?

    /// Throws with EWOULDBLOCK where another logger, that lives, has the folder.
    init(folder: String) throws(LogFileError) {
        path = folder + "/" + LoggerProtocol.socketName
        lock = try LoggerLock.take(folder)
        socket = try PacketSocket.open()
        // What lies there is a dead logger's. On Linux the file takes its mode from the socket: private from its birth.
        unlink(path)
        fchmod(socket.descriptor, 0o600)
        let result = try PacketSocket.withAddress(path) { [socket] in bind(socket.descriptor, $0, $1) }
        guard result == 0, listen(socket.descriptor, 16) == 0 else {
            throw LogFileError(cannot: "listen at \(path)", errno)
        }
        facts = FileFacts(path)
    }

    var descriptor: Int32 { socket.descriptor }

    /// The next connection of this very user; nil when none waits.
    func accept() -> OpenFile? {
        while true {
            let number = xpm_accept(socket.descriptor)
            guard number >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return nil
            }
            let peer = OpenFile(number)
            var user: uid_t = 0
            if xpm_peer_user(number, &user) == 0 && user == geteuid() { return peer }
        }
    }

    /// Takes the socket away, unless it is another one's by now.
    func close() {
        guard let facts, let there = FileFacts(path), there.isSame(as: facts) else { return }
        unlink(path)
    }
}
