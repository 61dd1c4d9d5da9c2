import GRDB
import Glibc
import Synchronization

/// What must outlive the process, in one SQLite file: experiments, services and the log of events.
///
/// Commits made while one is on its way to the disk share the next transaction, so that many at once cost few fsyncs.
/// Reading has connections of its own (the file is in WAL mode): a page of events does not queue behind waiting commits.
public final class Store: Sendable {
    /// The random 128-bit name, in hexadecimal, that this state folder got when it was made.
    public let instance: String
    /// What people should know of how it was opened, a sentence; nil for nothing.
    public let openingNote: String?

    /// The folder and the file that are open now; others once they were written anew.
    private struct Opened: Sendable {
        var folder: StateFolder
        var pool: DatabasePool
        var main: MainFile
        /// As they were after the last commit.
        var files: DatabaseFiles
    }

    private let path: String
    private let opened: Mutex<Opened>
    private let eventLimit: Int64
    private let queue = Mutex(CommitQueue())
    /// Who has how many events, counted before the first commit. The lock is for the compiler: the writing queue alone looks at it.
    private let shares = Mutex<EventShares?>(nil)

    /// Opens the store in `folder` and makes whatever of it is missing, the folder included.
    ///
    /// Of the events about `eventLimit` are kept. Beyond that, those of their owners who have the most lose their oldest.
    public init(folder path: String, eventLimit: Int = 100_000) throws(StoreError) {
        self.path = path
        let folder = try StateFolder(path)
        self.eventLimit = Int64(max(1, eventLimit))
        openingNote = UnreadableWAL.setAside(of: folder.database)
        let (pool, main) = try Self.open(folder.database)
        do {
            instance = try pool.read { db in try String.fetchOne(db, sql: "SELECT instance FROM state") } ?? ""
        } catch {
            throw StoreError(error, path: folder.database, systemError: 0)
        }
        opened = Mutex(Opened(folder: folder, pool: pool, main: main, files: DatabaseFiles(of: folder.database)))
    }

    private static func open(_ database: String) throws(StoreError) -> (DatabasePool, MainFile) {
        var connection: DatabasePool?
        do {
            try Schema.inspect(database, configuration: Self.configuration)
            let pool = try DatabasePool(path: database, configuration: Self.configuration)
            connection = pool
            try pool.writeWithoutTransaction { db in
                // GRDB's choice for WAL is NORMAL, which may lose acknowledged commits at a power cut.
                try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216")
            }
            try Schema.migrator.migrate(pool)
            try pool.write(Schema.makeMissingIndexes)
            return (pool, try pool.writeWithoutTransaction { db in try MainFile(database, db) })
        } catch {
            // A connection that could not even be opened has left nothing but the thread's errno.
            let systemError = connection?.writeWithoutTransaction(\.systemError) ?? errno
            throw StoreError(error, path: database, systemError: systemError)
        }
    }

    var pool: DatabasePool { opened.withLock(\.pool) }
    private var database: String { path + "/xpmd.sqlite" }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "xpmd.store"
        configuration.maximumReaderCount = 2
        // Nobody else writes but a person with a database shell: waiting for them beats failing at once.
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Reads everything but the events. Waits for no commit; sees those that were acknowledged.
    public func load() throws(StoreError) -> Contents {
        guard !queue.withLock(\.isClosed) else { throw closedError }
        do {
            return try pool.read(Contents.init)
        } catch {
            throw StoreError(error, path: database, systemError: 0)
        }
    }

    /// Makes the changes in one transaction: all of them, on the disk before `done` is called, or none.
    ///
    /// Commits take effect, and their `done` is called, in the order of the calls. `done` runs on the store's writing
    /// queue and delays later commits while it runs; it may call `commit` and `events`, but not `close`.
    public func commit(_ changes: [Change], done: @escaping @Sendable (Result<Void, StoreError>) -> Void) {
        add(Commit(changes: changes, done: done))
    }

    /// Writes the database anew, because its files are lost (`StoreError.lost`): `contents`, and then the changes, on the disk
    /// before `done` is called, or none of it. The events that it had are gone.
    ///
    /// What is left of its files is set aside, not overwritten.
    public func rewrite(
        _ contents: Contents, then changes: [Change], done: @escaping @Sendable (Result<Void, StoreError>) -> Void
    ) {
        add(Commit(changes: changes, contents: contents, done: done))
    }

    private func add(_ commit: Commit) {
        let done = commit.done
        let accepted = queue.withLock { queue in
            guard !queue.isClosed else { return false }
            if queue.add(commit) {
                pool.asyncWriteWithoutTransaction { db in self.drain(db) }
            }
            return true
        }
        if !accepted { done(.failure(closedError)) }
    }

    /// Reads the events after a sequence number, in order: at most `limit`, and no more than about 1 MiB of bodies
    /// but always one where there is one.
    ///
    /// Sees every commit whose `done` was called before. `done` runs on a reading queue of the store. Numbers
    /// that are missing, also amid the page, are those of events that were trimmed.
    public func events(
        after: Int64, limit: Int, done: @escaping @Sendable (Result<[StoredEvent], StoreError>) -> Void
    ) {
        read({ try StoredEvent.page($0, after: after, limit: limit) }, done: done)
    }

    /// Reads the last events from behind `after` up to `upTo`, of one owner or of all: at most `limit`, and no more than about
    /// `pageBytes` of bodies but always one where there is one. Whose they are is found by an index. `done` runs as for `events`.
    public func lastEvents(
        after: Int64, upTo: Int64, owner: Int64?, limit: Int,
        done: @escaping @Sendable (Result<StoredPage, StoreError>) -> Void
    ) {
        read({ try StoredPage($0, after: after, upTo: upTo, owner: owner, limit: limit) }, done: done)
    }

    /// The bytes of bodies at which a page ends.
    public static var pageBytes: Int { StoredEvent.pageBytes }

    private func read<Value>(
        _ body: @escaping @Sendable (Database) throws -> Value,
        done: @escaping @Sendable (Result<Value, StoreError>) -> Void
    ) {
        let path = database
        let accepted = queue.withLock { queue in
            guard !queue.isClosed else { return false }
            pool.asyncRead { connection in
                let outcome: Result<Value, StoreError>
                do {
                    outcome = .success(try body(connection.get()))
                } catch {
                    let systemError = (try? connection.get().systemError) ?? 0
                    outcome = .failure(StoreError(error, path: path, systemError: systemError))
                }
                done(outcome)
            }
            return true
        }
        if !accepted { done(.failure(closedError)) }
    }

    /// Looks whether the files are still what was opened; waits for the commits before.
    public func check(done: @escaping @Sendable (Result<Void, StoreError>) -> Void) { commit([], done: done) }

    /// Finishes what was asked before, then closes the file. Later calls fail. Must not be called from a `done`.
    public func close() {
        let first = queue.withLock { queue in
            defer { queue.isClosed = true }
            return !queue.isClosed
        }
        guard first else { return }
        // Nothing is lost where these fail: the next start reads the -wal file. Where they succeed the database is one file.
        let (pool, folder, main) = opened.withLock { ($0.pool, $0.folder, $0.main) }
        try? pool.barrierWriteWithoutTransaction { db in
            if main.fault(db) == nil { _ = try db.checkpoint(.truncate) }
        }
        try? pool.close()
        folder.unlock()
    }

    private func drain(_ db: Database) {
        while let group = queue.withLock({ $0.next() }) {
            if let commit = group.first, let contents = commit.contents {
                let outcome = writeAnew(contents, commit.changes)
                // The other file has a queue of its own; there it goes on, and then this one is closed.
                if case .success(let old) = outcome {
                    pool.asyncWriteWithoutTransaction { db in
                        try? old.pool.close()
                        commit.done(.success(()))
                        self.drain(db)
                    }
                    return
                }
                commit.done(outcome.map { _ in })
                continue
            }
            let outcome = write(group.flatMap(\.changes), db)
            if case .failure = outcome, group.count > 1 {
                // One bad commit must fail alone, and a full disk each with its own error.
                for commit in group { commit.done(write(commit.changes, db)) }
            } else {
                for commit in group { commit.done(outcome) }
            }
        }
    }

    private func write(_ changes: [Change], _ db: Database) -> Result<Void, StoreError> {
        let (before, main) = opened.withLock { ($0.files, $0.main) }
        if let fault = fault(before) ?? main.fault(db) { return .failure(fault) }
        guard !changes.isEmpty else { return .success(()) }
        do {
            try shares.withLock { shares in try transact(changes, db, &shares) }
        } catch {
            return .failure(StoreError(error, path: database, systemError: db.systemError))
        }
        // Nothing is acknowledged that rests on a file without a name. A checkpoint may have shortened what it has emptied.
        let now = DatabaseFiles(of: database)
        opened.withLock { $0.files = now }
        if let fault = before.withoutSizes.fault(now: now) {
            opened.withLock { $0.files = before }
            return .failure(fault)
        }
        if let fault = main.fault(db) { return .failure(fault) }
        main.checkpointIfDue(db)
        return .success(())
    }

    private func transact(_ changes: [Change], _ db: Database, _ shares: inout EventShares?) throws {
        var log = LogChanges()
        try db.inTransaction(.immediate) {
            let before = try Marks(db)
            var marks = before
            if shares == nil { shares = try EventShares(db, last: before.lastSequence) }
            for change in changes { try change.apply(to: db, marks: &marks, log: &log) }
            if marks != before { try marks.save(db) }
            log.removed = shares?.losses(with: log, limit: eventLimit) ?? []
            try StoredEvent.remove(log.removed, db)
            return .commit
        }
        shares?.apply(log)
    }

    /// What has become of the files, or of the lock, since the last commit.
    private func fault(_ files: DatabaseFiles) -> StoreError? {
        if let fault = files.fault(now: DatabaseFiles(of: database)) { return fault }
        guard !opened.withLock(\.folder.isIntact) else { return nil }
        do throws(StoreError) {
            // A lock whose file was removed keeps nobody out: it is taken again, unless somebody else has it by now.
            let folder = try StateFolder(path, makingDatabase: false, replacing: opened.withLock(\.folder))
            opened.withLock { $0.folder = folder }
            return nil
        } catch {
            return error
        }
    }

    /// Makes the new file under another name and moves it into the place that must be free; returns what was open before, to be closed.
    private func writeAnew(_ contents: Contents, _ changes: [Change]) -> Result<Opened, StoreError> {
        let old = opened.withLock { $0 }
        let scratch = database + ".new"
        do throws(StoreError) {
            let now = DatabaseFiles(of: database)
            if old.files.isReplaced(now: now) { return .failure(.replaced(path: database)) }
            let folder =
                old.folder.isIntact ? old.folder : try StateFolder(path, makingDatabase: false, replacing: old.folder)
            try folder.makeScratchFile(scratch)
            try fill(scratch, contents, changes)
            let stamp = ".lost-\(time(nil))"
            for suffix in DatabaseFiles.suffixes { rename(database + suffix, database + stamp + suffix) }
            // Without the database these hold nothing that anybody could read, and another one they would change.
            if now.files[0] == nil || old.main.isOverwritten {
                for suffix in ["-wal", "-shm"] { unlink(database + stamp + suffix) }
            }
            guard rename(scratch, database) == 0 else {
                throw .failed(path: database, cause: String(cString: strerror(errno)))
            }
            folder.synchronize()
            let (pool, main) = try Self.open(database)
            shares.withLock { $0 = nil }
            opened.withLock {
                $0 = Opened(folder: folder, pool: pool, main: main, files: DatabaseFiles(of: database))
            }
            return .success(old)
        } catch {
            unlink(scratch)
            return .failure(error)
        }
    }

    private func fill(_ file: String, _ contents: Contents, _ changes: [Change]) throws(StoreError) {
        do {
            let new = try DatabaseQueue(path: file, configuration: Self.configuration)
            try Schema.migrator.migrate(new)
            try new.write { db in
                try db.execute(sql: "UPDATE state SET instance = ?", arguments: [instance])
                var marks = try Marks(db)
                (marks.lastKey, marks.lastSequence, marks.lastAttempt) = (
                    contents.lastKey, contents.lastSequence, contents.lastAttempt
                )
                var log = LogChanges()
                for change in contents.changes + changes { try change.apply(to: db, marks: &marks, log: &log) }
                try marks.save(db)
            }
            try new.close()
        } catch {
            throw StoreError(error, path: file, systemError: errno)
        }
    }

    private var closedError: StoreError { .failed(path: database, cause: "it is closed") }
}
