import Glibc

/// Makes rotated files and new sidecars last through a power cut, on a thread of its own that ends when nothing is left to do: nobody
/// waits for a disk because of it.
final class Syncer: @unchecked Sendable {
    // Everything below is read and changed under the lock only.
    private var waiting: [(files: [OpenFile], path: String)] = []
    private var isRunning = false
    private let lock = Lock()

    /// What is beyond that waits for the kernel's own writing back, as all other data does.
    private static let limit = 64
    private static let filesOfEach = 4

    /// How many files it keeps open at most, where so many may be open at all.
    static func mostFiles(of limit: Int) -> Int { min(Self.limit * filesOfEach, limit / 8) }

    /// Syncs open files, and the folder of a path.
    func sync(_ files: [OpenFile], _ path: String) {
        lock.lock()
        defer { lock.unlock() }
        guard (waiting.count + 1) * Self.filesOfEach <= Self.mostFiles(of: Logger.mostFiles) else { return }
        waiting.append((files, path))
        guard !isRunning else { return }
        isRunning = PlainThread.start { [self] in work() }
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
            for file in next.files { fdatasync(file.descriptor) }
            try? Folder.sync(LogName.split(next.path).folder)
        }
    }
}
