import Glibc
import XPMLogs

@testable import XPMKeeping

/// The logger that a test's keeper has started.
extension KeeperFixture {
    var loggerFolder: String { socketPath + ".logs" }

    /// Its process, by its arguments; nil where there is none.
    var loggerPID: Int32? {
        ProcessFiles.all().first { process in
            let line = ProcessFiles.contents(of: "/proc/\(process.pid)/cmdline") ?? []
            return !process.isGone && line.split(separator: 0).last.map { Array($0) } == Array(loggerFolder.utf8)
        }?.pid
    }

    func removeLoggerFolder() {
        guard let stream = opendir(loggerFolder) else { return }
        while let entry = readdir(stream) {
            let name = entry.name
            if name != "." && name != ".." { unlink(loggerFolder + "/" + name) }
        }
        closedir(stream)
        rmdir(loggerFolder)
    }

    /// An order that writes through pipes.
    func piped(
        _ attempt: UInt64, _ script: String, log: String = "log", _ policy: RotationPolicy = .none
    ) -> SpawnOrder {
        var order = order(attempt, script, log: log)
        order.extras.rotation = policy
        return order
    }
}

extension KeeperClient {
    /// Waits until all that an attempt has written is in its logs.
    func settle(_ attempt: UInt64) throws {
        try send(.settle(attempt: attempt))
        _ = try next { $0 == .settled(attempt: attempt) }
    }
}
