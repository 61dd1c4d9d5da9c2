/// What becomes of a service once its run has ended.
public struct LifetimePolicy: Codable, Hashable, Sendable {
    /// What is done.
    public enum Ending: String, WordChoice, Sendable {
        /// It goes on.
        case keep
        /// It is stopped.
        case stop
    }

    /// What is done.
    public var afterExperiment: Ending
    /// Seconds between the end of the run and the stop (default: 0).
    public var delaySeconds: Double?

    /// A policy.
    public init(_ afterExperiment: Ending, delaySeconds: Double? = nil) {
        self.afterExperiment = afterExperiment
        self.delaySeconds = delaySeconds
    }

    private enum CodingKeys: String, CodingKey {
        case afterExperiment = "after_experiment"
        case delaySeconds = "delay_s"
    }
}
