import GRDB
import GRDBSQLite
import Glibc
import Synchronization

/// The database's own file beside its -wal: only checkpoints write to it, and only when the store says so. What else changes in it
/// somebody else has written over it, `cp other.sqlite xpmd.sqlite`, and nothing that is saved from then on would be found again.
///
/// Known by two pages: the first one, and the one that holds the row of `state`, which changes with nearly every commit.
final class MainFile: Sendable {
    private struct State {
        var content: [UInt8]
        /// Changes with each commit of another connection: somebody with a database shell may have had a checkpoint made.
        var othersCommits: Int64
    }

    /// After so many pages in the -wal file a checkpoint is due, as is SQLite's own custom.
    private static let checkpointPages: Int32 = 1000

    private let path: String
    /// Stays open as long as the database: to close any descriptor of the file would drop SQLite's locks on it.
    private let descriptor: Int32
    private let places: [(offset: off_t, size: Int)]
    private let state: Mutex<State>
    /// How many pages the -wal file has held since the last checkpoint.
    private let pages = Atomic<Int32>(0)

    /// Of a database that was just opened; `db` is its writing connection.
    init(_ path: String, _ db: Database) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        let root = try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'state'") ?? 1
        places = Set([1, root]).sorted().map { (off_t(($0 - 1) * size), size) }
        state = Mutex(
            State(content: Self.read(descriptor, places), othersCommits: try Self.othersCommits(db)))
        guard let connection = db.sqliteConnection else { return }
        // Takes the place of the checkpoint that SQLite would make by itself, amid a commit.
        sqlite3_wal_hook(
            connection,
            { context, _, _, pages in
                context.map { Unmanaged<MainFile>.fromOpaque($0).takeUnretainedValue() }?.pages.store(
                    pages, ordering: .relaxed)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether others have written to the file.
    var isOverwritten: Bool { Self.read(descriptor, places) != state.withLock(\.content) }

    /// The same as a fault; a checkpoint that another connection may have made is none.
    func fault(_ db: Database) -> StoreError? {
        let content = Self.read(descriptor, places)
        return state.withLock { state in
            guard content != state.content else { return nil }
            guard let commits = try? Self.othersCommits(db), commits != state.othersCommits else {
                return .lost(path: path, cause: "it was overwritten while xpmd had it open")
            }
            state = State(content: content, othersCommits: commits)
            return nil
        }
    }

    /// Has what is in the -wal file written to this one, once there is enough of it. Not behind a fault.
    func checkpointIfDue(_ db: Database) {
        guard pages.load(ordering: .relaxed) >= Self.checkpointPages else { return }
        // Where readers keep it from its end, the next commit tries again.
        _ = try? db.checkpoint(.passive)
        let content = Self.read(descriptor, places)
        state.withLock { $0.content = content }
    }

    private static func othersCommits(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0
    }

    private static func read(_ descriptor: Int32, _ places: [(offset: off_t, size: Int)]) -> [UInt8] {
        places.flatMap { offset, size -> [UInt8] in
            var bytes = [UInt8](repeating: 0, count: size)
            let count = pread(descriptor, &bytes, size, offset)
            return Array(bytes.prefix(max(0, count)))
        }
    }
}
