import Glibc
import XPMProtocol

/// The file in the state folder that says where its daemon serves.
struct StateNote {
    let folder: String

    private var path: String { "\(folder)/\(Whereabouts.fileName)" }

    /// Replaces what was noted before; returns what is wrong where that cannot be.
    func write(_ note: Whereabouts) -> String? {
        guard let bytes = try? Wire.encode(note) else { return "it is not JSON" }
        let fresh = "\(path).new"
        unlink(fresh)
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, Array(bytes), bytes.count) == bytes.count, rename(fresh, path) == 0 else {
            let fault = String(cString: strerror(errno))
            unlink(fresh)
            return fault
        }
        return nil
    }

    /// The daemon that is noted, where it lives and answers at its socket.
    func answering() -> Whereabouts? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Whereabouts.sizeLimit)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0, let note = try? Wire.decode(Whereabouts.self, from: Array(bytes[..<count])),
            note.pid != getpid(), let process = ProcessIdentity(note.pid), process.startTime == note.startTime,
            process.bootID == note.bootID, ListeningSocket.answers(note.socket)
        else { return nil }
        return note
    }

    /// Whether there is one, whosesoever.
    var isThere: Bool { access(path, F_OK) == 0 }

    func remove() { unlink(path) }
}
