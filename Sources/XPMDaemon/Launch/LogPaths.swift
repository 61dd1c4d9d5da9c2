import Glibc
import XPMProtocol

/// The two log files of a service: `logs/EXPERIMENT/RUN/ID.KEY.out` and `.err` below the state folder.
///
/// The key sets apart services of the same name in different workspaces.
struct LogPaths: Hashable {
    var stdout: String
    var stderr: String

    init(stateFolder: String, identity: ServiceIdentity, key: Int64) {
        let stem = "\(stateFolder)/logs/\(identity.run.experiment)/\(identity.run.run)/\(identity.id).\(key)"
        stdout = stem + ".out"
        stderr = stem + ".err"
    }

    /// Makes folders (0700) and files (0600) where they are missing; returns how many bytes each file holds already.
    func prepare() throws(LogFault) -> (stdout: Int64, stderr: Int64) {
        (try size(preparing: stdout), try size(preparing: stderr))
    }

    private func size(preparing file: String) throws(LogFault) -> Int64 {
        for index in file.indices.dropFirst() where file[index] == "/" {
            let folder = String(file[..<index])
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw LogFault(path: folder, code: errno) }
        }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw LogFault(path: file, code: errno) }
        defer { close(descriptor) }
        return Int64(lseek(descriptor, 0, SEEK_END))
    }
}

/// Why a log file cannot be written.
struct LogFault: Error, CustomStringConvertible {
    var path: String
    var code: Int32

    var description: String { "cannot write its log \(path): \(String(cString: strerror(code)))" }
}
