import CLinux
import Glibc
import XPMProtocol

/// Whose a socket is. To another user's nothing is said, not even hello: requests hold whole environments.
enum SocketOwner {
    /// Refuses a socket in a folder of another user, who could put any other in its place: `untrusted`. One that does not exist is no
    /// fault, nothing listens in it; nor is one as `/tmp`, where only its owner can remove a file.
    static func checkFolder(of socket: String) throws(WireError) {
        let folder = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? ""
        var status = stat()
        guard stat(folder.isEmpty ? "/" : folder, &status) == 0, status.st_mode & S_ISVTX == 0 else { return }
        guard status.st_uid != geteuid(), status.st_uid != 0 else { return }
        throw refusal(folder, "it belongs to \(user(status.st_uid))", status.st_uid)
    }

    /// Refuses a connection to what another user serves. The kernel tells who began to listen, whatever the path is called.
    static func checkPeer(of descriptor: Int32, at socket: String) throws(WireError) {
        var owner: uid_t = 0
        guard xpm_peer_user(descriptor, &owner) == 0 else {
            throw WireError(
                .untrusted, "cannot trust \(socket): the kernel does not tell who serves there: \(reason())",
                data: ["path": .string(socket)])
        }
        if owner != geteuid() { throw refusal(socket, "a process of \(user(owner)) serves there", owner) }
    }

    private static func refusal(_ path: String, _ cause: String, _ owner: uid_t) -> WireError {
        WireError(
            .untrusted, "cannot trust \(path): \(cause)",
            data: ["path": .string(path), "owner": .integer(Int64(owner))])
    }

    private static func user(_ number: uid_t) -> String { number == 0 ? "root" : "user \(number)" }
}
