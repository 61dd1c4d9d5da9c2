/// How the last process of a service ended. Neither code nor signal: it ended unwatched, and nobody can know.
public struct ExitReport: Codable, Hashable, Sendable {
    /// The exit code of a process that ended by itself.
    public var code: Int32?
    /// The name of the signal that ended it, `SIGKILL`.
    public var signal: String?
    /// When it ended.
    public var at: Timestamp

    /// The end of a process at `at`, by `code`, by `signal`, or unknown.
    public init(code: Int32? = nil, signal: String? = nil, at: Timestamp) {
        self.code = code
        self.signal = signal
        self.at = at
    }
}

extension ExitReport: CustomStringConvertible {
    /// `exited with code 2`, `was killed by SIGKILL`, or that nobody saw it.
    public var description: String {
        switch (code, signal) {
        case (let code?, _): "exited with code \(code)"
        case (nil, let signal?): "was killed by \(signal)"
        case (nil, nil): "ended unwatched, its exit status is unknown"
        }
    }
}
