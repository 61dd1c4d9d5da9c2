/// How a service is ended: the signal to its whole process group, a grace, then SIGKILL to everything that it started.
public struct StopPolicy: Codable, Hashable, Sendable {
    /// The first signal, by name; `SIGTERM` where not given.
    public var signal: String?
    /// Seconds between the first signal and SIGKILL; 10 where not given.
    public var graceSeconds: Double?

    /// A ladder that begins with `signal` and waits `graceSeconds`.
    public init(signal: String? = nil, graceSeconds: Double? = nil) {
        self.signal = signal
        self.graceSeconds = graceSeconds
    }

    /// The grace where a definition names none, in seconds.
    public static let defaultGraceSeconds = 10.0

    private enum CodingKeys: String, CodingKey {
        case signal
        case graceSeconds = "grace_s"
    }
}
