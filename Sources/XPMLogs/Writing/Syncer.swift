import Glibc

/// Makes rotated files and new sidecars last through a power cut, one after the other, so that of a log nothing is lost in between: on a
/// thread of its own that ends when nothing is left to do. Each lane has one, for a disk that hangs must hold up nobody else.
final class Syncer: @unchecked Sendable {
    /// What one rotation has made: files, and the path of the log, in whose folder their names are.
    private struct Rotated {
        var files: [OpenFile]
        var path: String

        /// Whether there is anything left to last: a log that keeps few files deletes them before a slow disk has them.
        var isDeleted: Bool { files.allSatisfy { FileFacts(descriptor: $0.descriptor)?.links == 0 } }
    }

    // Everything below is read and changed under the lock only.
    private var waiting: [Rotated] = []
    private var isRunning = false
    private let lock = Lock()
    private let write: @Sendable (Int32) -> Void

    /// `write` has an open file's data on its disk when it returns.
    init(write: @escaping @Sendable (Int32) -> Void = { fdatasync($0) }) { self.write = write }

    /// So many rotations wait at most, while as many are being synced.
    private static let limit = 8
    private static let filesOfEach = 4

    /// How many files it keeps open, where a process may open `limit`; more only where logs are cleared or begin anew all the time.
    static func mostFiles(of limit: Int) -> Int { min(2 * Self.limit * filesOfEach, limit / 16) }

    /// Whether the disk can follow. Who rotates for the size alone goes on in the same file otherwise: to wait here would be to hang.
    var hasRoom: Bool {
        lock.lock()
        defer { lock.unlock() }
        let most = max(Self.mostFiles(of: Logger.mostFiles) / Self.filesOfEach / 2, 1)
        if waiting.count >= most { waiting.removeAll(where: \.isDeleted) }
        return waiting.count < most
    }

    /// Syncs open files, and the folder of a path, behind those before. Where there cannot be a thread it is done at once.
    func sync(_ files: [OpenFile], _ path: String) {
        lock.lock()
        waiting.append(Rotated(files: files, path: path))
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
            let all = waiting
            waiting = []
            lock.unlock()
            sync(all)
        }
    }

    /// The files of all in their order, each once, though it is the new one of a rotation and the old one of the next; then their folders.
    private func sync(_ all: [Rotated]) {
        var isDone: Set<Int32> = []
        // What was deleted meanwhile need not last.
        for file in all.lazy.flatMap(\.files)
        where FileFacts(descriptor: file.descriptor)?.links != 0 && isDone.insert(file.descriptor).inserted {
            write(file.descriptor)
        }
        for folder in Set(all.map { LogName.split($0.path).folder }) { try? Folder.sync(folder) }
    }
}
