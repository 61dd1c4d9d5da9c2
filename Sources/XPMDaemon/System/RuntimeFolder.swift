import Glibc
import XPMProtocol

/// The folder of sockets and locks: the owner's alone, and checked to be so.
enum RuntimeFolder {
    /// Makes the folder with mode 0700, or refuses one that others may enter.
    static func prepare(_ path: String) throws(WireError) {
        for index in path.indices.dropFirst() where path[index] == "/" { mkdir(String(path[..<index]), 0o700) }
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw WireError(.unreachable, "cannot make the folder \(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw WireError(.unreachable, "cannot use the folder \(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw WireError(.unreachable, "cannot use \(path): it is not a folder")
        }
        guard status.st_uid == geteuid() else {
            throw WireError(.unreachable, "cannot use the folder \(path): it belongs to user \(status.st_uid)")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw WireError(
                .unreachable,
                "cannot use the folder \(path): others may enter it (mode \(String(status.st_mode & 0o777, radix: 8)))")
        }
    }
}
