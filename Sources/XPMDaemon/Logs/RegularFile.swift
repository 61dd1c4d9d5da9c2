import Glibc

/// Opens logs and the files beside them. Others may put something else in their places: a named pipe would hold the
/// thread that opens it until somebody opens its other end.
enum RegularFile {
    /// A descriptor of a file that is known to be regular; throws ENOENT where there is none.
    static func open(
        _ path: String, _ flags: CInt, mode: mode_t = 0o600, to action: LogFault.Action
    ) throws(LogFault) -> CInt {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode)
        guard descriptor >= 0 else {
            // What a pipe without a reader, a socket and a device without a driver answer.
            if errno == ENXIO { throw .noRegularFile(action, path: path) }
            throw LogFault(action, path: path)
        }
        var status = stat()
        let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
        guard kind == S_IFREG else {
            close(descriptor)
            // As the system says it of a folder that is opened for writing.
            if kind == S_IFDIR { throw LogFault(action, path: path, code: EISDIR) }
            throw .noRegularFile(action, path: path)
        }
        return descriptor
    }

    /// The same where there may be no file: nil then.
    static func open(
        ifPresent path: String, _ flags: CInt, to action: LogFault.Action
    ) throws(LogFault) -> CInt? {
        do {
            return try open(path, flags, to: action)
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    /// Whether an open file, -1 for none, is the one that the path still names.
    static func isPresent(_ descriptor: CInt, at path: String) -> Bool {
        var (open, named) = (stat(), stat())
        guard stat(path, &named) == 0 else { return descriptor < 0 }
        return descriptor >= 0 && fstat(descriptor, &open) == 0
            && open.st_ino == named.st_ino && open.st_dev == named.st_dev
    }
}
