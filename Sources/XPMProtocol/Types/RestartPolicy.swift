/// When a service that ended is started again by itself.
///
/// The delay doubles with each restart up to a maximum and varies by a fifth at random, so that services that fail together do not return together.
/// A run that was RUNNING for `resetAfterSeconds` begins the count anew.
public struct RestartPolicy: Codable, Hashable, Sendable {
    /// After which ends.
    public enum Mode: String, WordChoice, Sendable {
        case never
        /// After a failure: another exit code than a success, a signal, readiness not in time, a missed watchdog, no process.
        case onFailure = "on-failure"
        /// After every end that nobody asked for.
        case always
    }

    /// After which ends (default: `never`).
    public var mode: Mode?
    /// Seconds before the first restart (default: 1).
    public var delaySeconds: Double?
    /// The longest delay in seconds (default: 60).
    public var maximumDelaySeconds: Double?
    /// Seconds of RUNNING after which earlier restarts no longer count (default: 60).
    public var resetAfterSeconds: Double?
    /// The start limit: how many restarts in a row are made before the service stays in ERROR (default: 5); 0 for unlimited.
    public var limit: Int?
    /// Whether a service that was meant to run is started again after a reboot of the machine (default: false).
    public var afterReboot: Bool?

    /// A policy.
    public init(
        _ mode: Mode? = nil, delaySeconds: Double? = nil, maximumDelaySeconds: Double? = nil,
        resetAfterSeconds: Double? = nil, limit: Int? = nil, afterReboot: Bool? = nil
    ) {
        self.mode = mode
        self.delaySeconds = delaySeconds
        self.maximumDelaySeconds = maximumDelaySeconds
        self.resetAfterSeconds = resetAfterSeconds
        self.limit = limit
        self.afterReboot = afterReboot
    }

    /// The first delay where a definition names none, in seconds.
    public static let defaultDelaySeconds = 1.0
    /// The longest delay where a definition names none, in seconds.
    public static let defaultMaximumDelaySeconds = 60.0
    /// The stable run where a definition names none, in seconds.
    public static let defaultResetAfterSeconds = 60.0
    /// The limit where a definition names none.
    public static let defaultLimit = 5

    private enum CodingKeys: String, CodingKey {
        case limit
        case mode = "policy"
        case delaySeconds = "delay_s"
        case maximumDelaySeconds = "max_delay_s"
        case resetAfterSeconds = "reset_after_s"
        case afterReboot = "after_reboot"
    }
}
