import Glibc
import XPMProtocol

extension Whereabouts {
    /// What the daemon of a state folder has noted there; nil where there is no such note, or not of this user's.
    init?(in stateFolder: String) {
        let descriptor = open(
            "\(stateFolder)/\(Self.fileName)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            return nil
        }
        guard let bytes = Self.contents(of: descriptor),
            let found = try? Wire.decode(Whereabouts.self, from: bytes), found.socket.hasPrefix("/")
        else { return nil }
        self = found
    }

    /// Whether the process that has noted this still lives.
    var isAlive: Bool {
        let descriptor = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The program's name may have blanks and parentheses; behind it the start time is the twentieth.
        let fields = Self.contents(of: descriptor).map {
            String(decoding: $0, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        }
        guard let fields, fields.count > 19 else { return false }
        return fields[0] != "Z" && UInt64(fields[19]) == startTime
    }

    private static func contents(of descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: sizeLimit)
        let count = read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes[..<count])
    }
}
