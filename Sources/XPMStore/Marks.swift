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
        lastKey = Self.bounded(row[0])
        lastSequence = Self.bounded(row[1])
        lastAttempt = UInt64(bitPattern: row[2])
        // Those with the highest bit are not stored.
        if lastAttempt > UInt64(Self.most) { lastAttempt = UInt64(Self.far) }
    }

    /// No number that was given out by counting is larger. A file may say more; it goes on from where there is room, and what comes
    /// behind that is as good as any.
    private static let most: Int64 = 3 << 61
    private static let far: Int64 = 1 << 62

    private static func bounded(_ number: Int64) -> Int64 { number > most ? far : max(0, number) }

    /// Stores them.
    func save(_ db: Database) throws {
        let statement = try db.cachedStatement(sql: "UPDATE state SET lastKey = ?, lastSequence = ?, lastAttempt = ?")
        try statement.execute(arguments: [lastKey, lastSequence, Int64(bitPattern: lastAttempt)])
    }
}
