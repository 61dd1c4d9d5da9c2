/// What the logger's main thread has for a lane.
enum LaneOrder {
    /// A stream, whose log is to be opened where it is not.
    case take(Stream)
    /// Another attempt begins in it; which one, the stream knows.
    case begin(stream: UInt64)
    case settle(stream: UInt64, asker: UInt64)
    case clear(stream: UInt64, path: String, asker: UInt64)
    /// Clears a log that no stream goes into.
    case clearIdle(path: String, asker: UInt64)
    case forget(stream: UInt64)
    /// Finishes what the last logger left of a log whose stream nobody handed over.
    case finish(path: String)

    /// The stream that it is about, if it has to be there already.
    var stream: UInt64? {
        switch self {
        case .begin(let stream), .settle(let stream, _), .clear(let stream, _, _), .forget(let stream): stream
        case .take, .clearIdle, .finish: nil
        }
    }
}

/// What lanes have for the main thread.
enum LaneReport {
    /// For all who are connected.
    case tell(LoggerMessage)
    case answer(LoggerMessage, asker: UInt64)
    /// Its log is open: it belongs to the lane of the log's device from now on.
    case opened(Stream, device: UInt64)
    /// The stream is not here (any more).
    case bounced(LaneOrder)
}
