import Glibc

/// Makes rotated files and new sidecars last through a power cut, one after the other, so that of a log nothing is lost in between: on a
/// thread of its own that ends when nothing is left to do. Each lane has one, for a disk that hangs must hold up nobody else.
final class Syncer: @unchecked Sendable {
    // Everything below is read and changed under the lock only.
    private var waiting: [(files: [OpenFile], path: String)] = []
    private var isRunning = false
    private let lock = Lock()

    private static let limit = 16
    private static let filesOfEach = 4

    /// How many files it keeps open, where a process may open `limit`; more only where logs are cleared or begin anew all the time.
    static func mostFiles(of limit: Int) -> Int { min(Self.limit * filesOfEach, limit / 16) }

    /// Whether the disk can follow. Who rotates for the size alone goes on in the same file otherwise: to wait here would be to hang.
    var hasRoom: Bool {
        lock.lock()
        defer { lock.unlock() }
        return waiting.count < max(Self.mostFiles(of: Logger.mostFiles) / Self.filesOfEach, 1)
    }

    /// Syncs open files, and the folder of a path, behind those before. Where there cannot be a thread it is done at once.
    func sync(_ files: [OpenFile], _ path: String) {
        lock.lock()
        waiting.append((files, path))
        let starts = !isRunning
        if starts { isRunning = true }
        lock.unlock()
        if starts, !PlainThread.start({ [self] in work() }) { work() }
    }

    private func work() {
        while true {
            lock.lock()
            guard !waiting.isEmpty else {
                waiting = []
                isRunning = false
                return lock.unlock()
            }
            let next = waiting.removeFirst()
            lock.unlock()
            // What was deleted meanwhile need not last.
            for file in next.files where FileFacts(descriptor: file.descriptor)?.links != 0 {
                fdatasync(file.descriptor)
            }
            try? Folder.sync(LogName.split(next.path).folder)
        }
    }
}
