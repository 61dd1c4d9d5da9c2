/// Why there is no page.
public enum LogReadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is no cursor that this library gave out.
    case invalidCursor
    /// The cursor does not have the place of a stream that is asked for.
    case otherStreams
    /// A file could not be read.
    case file(LogFileError)

    public var description: String {
        switch self {
        case .invalidCursor: "cannot go on from the cursor: it is damaged or from elsewhere"
        case .otherStreams: "cannot go on from the cursor: it was made for other streams"
        case .file(let error): error.description
        }
    }
}

/// What is wrong with a log and was passed over, told beside what could be read.
public enum LogReadFault: Hashable, Sendable {
    /// There is no sidecar for the file: the times of its lines are the file's.
    case noTimes(path: String)
    /// Records that are torn, zeros or out of order; at least so many.
    case damagedTimes(path: String, records: Int)
    /// The file is shorter than its records, or the next file, say: it was truncated or not all of it was saved.
    case missingBytes(path: String)
    /// The file is longer than the next file says: others wrote to it.
    case foreignBytes(path: String)
    /// Something that is no regular file lies in the log's place, or one that may not be read.
    case unusable(path: String, reason: String)
}
