/// Brings two sequences into one order, without changing the order within either.
///
/// Only the heads are compared: so what comes next depends on the two heads alone, and a reader that goes on from a cursor finds the
/// order that one reader of all would have found. Where the clock within a sequence goes back (damage), what comes after waits for it.
public enum LogMerge {
    /// Which of two heads comes next; nil where there is none. Of equals the one of standard output.
    public static func next(stdout: LogOrder?, stderr: LogOrder?) -> LogStream? {
        guard let stdout else { return stderr == nil ? nil : .stderr }
        guard let stderr else { return .stdout }
        return stderr < stdout ? .stderr : .stdout
    }

    /// Which of two lasts came last: the same order, backwards.
    public static func last(stdout: LogOrder?, stderr: LogOrder?) -> LogStream? {
        guard let stdout else { return stderr == nil ? nil : .stderr }
        guard let stderr else { return .stdout }
        return stderr < stdout ? .stdout : .stderr
    }
}
