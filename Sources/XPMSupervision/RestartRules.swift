/// When a service that ended is started again by itself. The delay is no matter of the decision.
public struct RestartRules: Hashable, Sendable {
    /// After which ends.
    public enum Mode: Hashable, Sendable, CaseIterable {
        case never
        case onFailure
        /// After every end that nobody asked for.
        case always
    }

    /// After which ends.
    public var mode: Mode
    /// How many restarts in a row there may be; nil for any number.
    public var limit: Int?
    /// Exit codes that are no failure.
    public var successCodes: Set<Int32>

    /// Rules.
    public init(mode: Mode = .never, limit: Int? = nil, successCodes: Set<Int32> = [0]) {
        self.mode = mode
        self.limit = limit
        self.successCodes = successCodes
    }

    /// Whether a service that ends by itself in this way has done its work.
    public func isSuccess(_ status: ExitStatus) -> Bool {
        if case .code(let code) = status { successCodes.contains(code) } else { false }
    }

    /// Whether a failure is followed by another attempt, the limit aside.
    func restarts(after failure: Failure) -> Bool {
        switch failure {
        // A second attempt beside processes that nobody can end is out of the question; those of others are not its own to mend.
        case .unkillable, .blocked, .gaveUp, .unhealthy(_, restarts: false): false
        case .unhealthy(_, restarts: true): true
        case .notSpawned, .endedEarly, .ended, .notReady, .silent: mode != .never
        }
    }
}
