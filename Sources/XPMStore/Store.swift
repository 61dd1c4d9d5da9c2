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

    let pool: DatabasePool
    private let folder: StateFolder
    private let eventLimit: Int64
    private let queue = Mutex(CommitQueue())

    /// Opens the store in `folder` and makes whatever of it is missing, the folder included.
    ///
    /// Of the events at least the last `eventLimit` sequence numbers are kept.
    public init(folder path: String, eventLimit: Int = 100_000) throws(StoreError) {
        folder = try StateFolder(path)
        self.eventLimit = Int64(max(1, eventLimit))
        var connection: DatabasePool?
        do {
            try Schema.inspect(folder.database, configuration: Self.configuration)
            let pool = try DatabasePool(path: folder.database, configuration: Self.configuration)
            connection = pool
            try pool.writeWithoutTransaction { db in
                // GRDB's choice for WAL is NORMAL, which may lose acknowledged commits at a power cut.
                try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216")
            }
            try Schema.migrator.migrate(pool)
            self.pool = pool
            instance = try pool.read { db in try String.fetchOne(db, sql: "SELECT instance FROM state") } ?? ""
        } catch {
            // A connection that could not even be opened has left nothing but the thread's errno.
            let systemError = connection?.writeWithoutTransaction(\.systemError) ?? errno
            throw StoreError(error, path: folder.database, systemError: systemError)
        }
    }

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
            throw StoreError(error, path: folder.database, systemError: 0)
        }
    }

    /// Makes the changes in one transaction: all of them, on the disk before `done` is called, or none.
    ///
    /// Commits take effect, and their `done` is called, in the order of the calls. `done` runs on the store's writing
    /// queue and delays later commits while it runs; it may call `commit` and `events`, but not `close`.
    public func commit(_ changes: [Change], done: @escaping @Sendable (Result<Void, StoreError>) -> Void) {
        let accepted = queue.withLock { queue in
            guard !queue.isClosed else { return false }
            if queue.add(Commit(changes: changes, done: done)) {
                pool.asyncWriteWithoutTransaction { db in self.drain(db) }
            }
            return true
        }
        if !accepted { done(.failure(closedError)) }
    }

    /// Reads the events after a sequence number, in order: at most `limit`, and no more than about 1 MiB of bodies
    /// but always one where there is one.
    ///
    /// Sees every commit whose `done` was called before. `done` runs on a reading queue of the store. A first event
    /// later than `after + 1` means that those between were trimmed.
    public func events(
        after: Int64, limit: Int, done: @escaping @Sendable (Result<[StoredEvent], StoreError>) -> Void
    ) {
        let path = folder.database
        let accepted = queue.withLock { queue in
            guard !queue.isClosed else { return false }
            pool.asyncRead { connection in
                let outcome: Result<[StoredEvent], StoreError>
                do {
                    outcome = .success(try StoredEvent.page(connection.get(), after: after, limit: limit))
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

    /// Finishes what was asked before, then closes the file. Later calls fail. Must not be called from a `done`.
    public func close() {
        let first = queue.withLock { queue in
            defer { queue.isClosed = true }
            return !queue.isClosed
        }
        guard first else { return }
        // Nothing is lost where these fail: the next start reads the -wal file. Where they succeed the database is one file.
        try? pool.barrierWriteWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try? pool.close()
        folder.unlock()
    }

    private func drain(_ db: Database) {
        while let group = queue.withLock({ $0.next() }) {
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
        guard !changes.isEmpty else { return .success(()) }
        do {
            try db.inTransaction(.immediate) {
                let before = try Marks(db)
                var marks = before
                for change in changes { try change.apply(to: db, marks: &marks) }
                if marks != before { try marks.save(db) }
                if marks.lastSequence != before.lastSequence {
                    try StoredEvent.trim(
                        db, last: marks.lastSequence, added: marks.lastSequence - before.lastSequence, limit: eventLimit
                    )
                }
                return .commit
            }
            return .success(())
        } catch {
            return .failure(StoreError(error, path: folder.database, systemError: db.systemError))
        }
    }

    private var closedError: StoreError { .failed(path: folder.database, cause: "it is closed") }
}
