import XPMProtocol

/// How many services are in each state. Sub-services are not counted: a composite counts as one.
public struct StateCounts: Hashable, Sendable {
    public private(set) var stopped = 0
    public private(set) var starting = 0
    public private(set) var running = 0
    public private(set) var stopping = 0
    public private(set) var error = 0

    /// Of no services.
    public init() {}

    /// How many there are.
    public var total: Int { stopped + starting + running + stopping + error }

    /// How many are in `state`.
    public private(set) subscript(state: ServiceState) -> Int {
        get {
            switch state {
            case .stopped: stopped
            case .starting: starting
            case .running: running
            case .stopping: stopping
            case .error: error
            }
        }
        set {
            switch state {
            case .stopped: stopped = newValue
            case .starting: starting = newValue
            case .running: running = newValue
            case .stopping: stopping = newValue
            case .error: error = newValue
            }
        }
    }

    mutating func add(_ record: ServiceRecord, _ difference: Int) {
        if record.identity.parent == nil { self[record.state] += difference }
    }

    static func += (sum: inout StateCounts, other: StateCounts) {
        for state in ServiceState.allCases { sum[state] += other[state] }
    }
}
