/// How the last process of a service ended. Neither code nor signal: it ended unwatched, and nobody can know.
public struct ExitReport: Codable, Hashable, Sendable {
    /// The exit code of a process that ended by itself.
    public var code: Int32?
    /// The name of the signal that ended it, `SIGKILL`.
    public var signal: String?
    /// Whether it was killed because it reached its memory limit; left out where not.
    public var outOfMemory: Bool?
    /// Whether it is a service's end in its client's process, of which only that tells; left out where not.
    public var hosted: Bool?
    /// Why xpmd ended it; left out where it did not, or did not know.
    public var by: EndReason?
    /// When it ended.
    public var at: Timestamp

    /// The end of a process at `at`, by `code`, by `signal`, or unknown.
    public init(code: Int32? = nil, signal: String? = nil, outOfMemory: Bool? = nil, at: Timestamp) {
        self.code = code
        self.signal = signal
        self.outOfMemory = outOfMemory
        self.at = at
    }

    private enum CodingKeys: String, CodingKey {
        case code, signal, hosted, by, at
        case outOfMemory = "out_of_memory"
    }
}

extension ExitReport: CustomStringConvertible {
    /// `exited with code 2`, `stopped (SIGTERM)`, `was killed by SIGKILL`, `was killed by its memory limit`, or `exited with an unknown
    /// status`; of a hosted service `finished successfully`, `failed in its client's process` or `ended with its client's process`.
    public var description: String {
        switch (code, signal) {
        case (0, _) where hosted == true: "finished successfully"
        case (nil, _) where hosted == true: "ended with its client's process"
        case _ where hosted == true: "failed in its client's process"
        case _ where outOfMemory == true: "was killed by its memory limit"
        case (let code?, _): "exited with code \(code)"
        case (nil, let signal?): by?.text(signal: signal) ?? "was killed by \(signal)"
        case (nil, nil): "exited with an unknown status"
        }
    }
}
