import GRDB
import GRDBSQLite
import Glibc

extension StoreError {
    /// What a failed access to the database at `path` means for the store's users.
    ///
    /// `systemError` is the errno beneath SQLite's I/O errors: only there a full quota tells itself from a broken disk.
    init(_ error: any Error, path: String, systemError: Int32) {
        switch error {
        case let error as StoreError: self = error
        case let error as BrokenRule: self = .failed(path: path, cause: error.cause)
        case let error as DatabaseError: self.init(error, path: path, systemError: systemError)
        default: self = .failed(path: path, cause: "\(error)")
        }
    }

    private init(_ error: DatabaseError, path: String, systemError: Int32) {
        let message = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self = .full(path: path, cause: message)
        case .SQLITE_IOERR where systemError == ENOSPC || systemError == EDQUOT,
            .SQLITE_CANTOPEN where systemError == ENOSPC || systemError == EDQUOT:
            self = .full(path: path, cause: String(cString: strerror(systemError)))
        case .SQLITE_IOERR where systemError != 0, .SQLITE_CANTOPEN where systemError != 0:
            self = .failed(path: path, cause: "\(message) (\(String(cString: strerror(systemError))))")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .corrupt(path: path, cause: message)
        default:
            self = .failed(path: path, cause: message)
        }
    }
}

/// A change that would break what the store promises, found before SQLite would.
struct BrokenRule: Error {
    let cause: String
}

extension Database {
    /// The errno of this connection's latest I/O error.
    var systemError: Int32 { sqliteConnection.map(sqlite3_system_errno) ?? 0 }
}
