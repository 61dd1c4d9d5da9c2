/// What the logger tells the keeper: answers to the one who asked, all else to everybody who is connected.
///
///     128 welcome   u16 version, i32 pid
///     129 taken     u64 stream
///     130 refused   u64 stream, u8 code, string reason
///     131 ended     u64 stream, u64 bytes, u64 dropped
///     132 fault     u64 stream, string text
///     133 dropped   u64 stream, u64 lines
///     134 surprise  u64 stream, string path, u8 what
///     135 settled   u64 stream, u8 0 or 1
///     136 listed    u8 isLast, u32 count, entries
///     137 cleared   string path, string problem
public enum LoggerMessage: Equatable, Sendable {
    /// Comes first.
    case welcome(version: UInt16, pid: Int32)
    case taken(stream: UInt64)
    case refused(stream: UInt64, Refusal, reason: String)
    /// All writers are gone, and all is in the file but lines that were dropped since the last note. Told once, and listed until `forget`.
    case ended(stream: UInt64, bytes: UInt64, dropped: UInt64)
    /// Something could not be written, or not as it should be: one line, for people. A stream that can't be written goes on when it can.
    case fault(stream: UInt64, text: String)
    /// So many lines are not in the log, and it says so.
    case dropped(stream: UInt64, lines: UInt64)
    case surprise(stream: UInt64, path: String, Surprise)
    /// Answers `settle`; false where the file could not be written, or there is no such stream.
    case settled(stream: UInt64, isWritten: Bool)
    /// Answers `list`: ascending numbers; ask for the next ones unless it is the last page.
    case listed([StreamEntry], isLast: Bool)
    /// Answers `clear`; the problem is empty where there was none.
    case cleared(path: String, problem: String)

    /// Why a stream is not taken.
    public enum Refusal: UInt8, Sendable, CaseIterable {
        /// What came with the order is no pipe and no terminal, or nothing came.
        case noPipe = 0
        /// The number is in use.
        case takenNumber = 1
        /// Another stream, which has writers, goes into that log.
        case takenPath = 2
        /// Empty, relative, too long, or with a NUL within.
        case unfitPath = 3
        /// No more descriptors, threads or memory.
        case resources = 4
    }
}

/// A stream that the logger has.
public struct StreamEntry: Equatable, Sendable {
    public var stream: UInt64
    public var path: String
    /// Which pipe it is read from.
    public var pipe: UInt64
    /// Written since it was taken.
    public var bytes: UInt64
    /// Lines dropped since it was taken.
    public var dropped: UInt64
    public var isEnded: Bool
    /// What could not be written last, empty while all is well.
    public var fault: String

    /// An entry of these values.
    public init(
        stream: UInt64, path: String, pipe: UInt64, bytes: UInt64, dropped: UInt64, isEnded: Bool, fault: String
    ) {
        self.stream = stream
        self.path = path
        self.pipe = pipe
        self.bytes = bytes
        self.dropped = dropped
        self.isEnded = isEnded
        self.fault = fault
    }
}
