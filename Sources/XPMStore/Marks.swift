import GRDB

/// The largest numbers ever given out, which must never come again even when their rows are gone.
struct Marks: Equatable {
    var lastKey: Int64
    var lastSequence: Int64
    var lastAttempt: UInt64

    /// Reads them. They are read again in every transaction, so that a failed one needs no undoing here.
    init(_ db: Database) throws {
        let statement = try db.cachedStatement(sql: "SELECT lastKey, lastSequence, lastAttempt FROM state")
        guard let row = try Row.fetchOne(statement) else { throw BrokenRule(cause: "its 'state' table has no row") }
        lastKey = row[0]
        lastSequence = row[1]
        lastAttempt = UInt64(bitPattern: row[2])
    }

    /// Stores them.
    func save(_ db: Database) throws {
        let statement = try db.cachedStatement(sql: "UPDATE state SET lastKey = ?, lastSequence = ?, lastAttempt = ?")
        try statement.execute(arguments: [lastKey, lastSequence, Int64(bitPattern: lastAttempt)])
    }
}
