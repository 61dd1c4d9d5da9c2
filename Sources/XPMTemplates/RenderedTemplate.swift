import XPMProtocol

/// A template with the values of its parameters in their places, ready to run.
public struct RenderedTemplate: Hashable, Sendable {
    /// The program and its arguments.
    public var arguments: [String]
    /// Variables to add to the service's environment.
    public var environment: [String: String]
    /// When it counts as RUNNING; nil where the template says nothing of it.
    public var readiness: Readiness?
    /// How it is ended; nil where the template says nothing of it.
    public var stop: StopPolicy?

    /// A definition ready to run.
    public init(
        arguments: [String], environment: [String: String] = [:], readiness: Readiness? = nil, stop: StopPolicy? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.readiness = readiness
        self.stop = stop
    }
}
