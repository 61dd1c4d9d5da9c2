/// How a service is ended: by a command or by a signal to all its processes; a grace; then SIGKILL to everything that it started.
public struct StopPolicy: Codable, Hashable, Sendable {
    /// The first signal, by name (default: `SIGTERM`).
    public var signal: String?
    /// A command that makes the service end, in place of the signal; the signal is sent if it fails. It runs in the service's folder and environment, with XPM_MAINPID added.
    public var command: [String]?
    /// Seconds between the first signal and SIGKILL (default: 10).
    public var graceSeconds: Double?

    /// A ladder that begins with `command` or `signal` and waits `graceSeconds`.
    public init(signal: String? = nil, command: [String]? = nil, graceSeconds: Double? = nil) {
        self.signal = signal
        self.command = command
        self.graceSeconds = graceSeconds
    }

    /// The grace where a definition names none, in seconds.
    public static let defaultGraceSeconds = 10.0

    private enum CodingKeys: String, CodingKey {
        case signal, command
        case graceSeconds = "grace_s"
    }
}
