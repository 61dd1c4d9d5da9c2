import XPMProtocol

/// What becomes of a service's output, with the defaults decided.
struct LogPlan: Hashable {
    var target: LogPolicy.Target = .files
    /// Nil for a file that is never rotated.
    var maximumBytes: Int64? = LogPolicy.defaultMaximumBytes
    var keep = LogPolicy.defaultKeep

    init() {}

    init(_ policy: LogPolicy) throws(WireError) {
        target = policy.target ?? .files
        if let bytes = policy.maximumBytes {
            guard bytes == 0 || bytes >= 64 << 10 else {
                throw WireError(
                    .invalidParameters,
                    "cannot rotate a log at \(bytes) bytes: it must be 65536 or more, or 0 for never")
            }
            maximumBytes = bytes == 0 ? nil : bytes
        }
        keep = policy.keep ?? LogPolicy.defaultKeep
        guard (0...1000).contains(keep) else {
            throw WireError(.invalidParameters, "cannot keep \(keep) rotated logs: it must be 0 to 1000")
        }
    }

    /// The same, with nothing left out.
    var policy: LogPolicy { LogPolicy(target, maximumBytes: maximumBytes ?? 0, keep: keep) }
}
