import XPMLogs
import XPMProtocol

/// What somebody wants to read of a service's log, page by page. Reading blocks: for a worker thread.
protocol LogReading: Sendable {
    /// What is read.
    var reader: LogReader { get }
    /// Where reading begins; nil where that is to be found, as of the last lines.
    var start: LogCursor? { get }

    /// The page behind a cursor, or the first one.
    func read(_ cursor: LogCursor?) throws(LogReadError) -> LogFinding
}

/// A page of a log, for a client.
struct LogFinding: Sendable {
    var reply: ServiceLogs.Reply
    /// Where to go on.
    var cursor: LogCursor
    /// It tells nothing that its reader did not know.
    var isEmpty: Bool
    /// There is more to read at once.
    var more: Bool
}

/// The same, written for the wire: thousands of lines would hold up the event loop.
struct EncodedFinding: Sendable {
    var reply: [UInt8]
    var cursor: LogCursor
    var isEmpty: Bool
    var more: Bool

    init(_ finding: LogFinding) throws {
        (cursor, isEmpty, more) = (finding.cursor, finding.isEmpty, finding.more)
        reply = try Wire.encode(finding.reply)
    }
}

extension LogPaths {
    /// Reads these files.
    var reader: LogReader {
        LogReader(
            stdout: stdout == Self.discarded ? nil : stdout, stderr: stderr == Self.discarded ? nil : stderr)
    }
}

extension LogStream {
    init(_ stream: ServiceLogs.Stream) { self = stream == .stdout ? .stdout : .stderr }
}
