import Glibc

/// What a probe came to.
enum ProbeOutcome: Hashable, Sendable {
    /// It found what it looks for.
    case passed
    /// It did not, for this reason, a phrase.
    case failed(String)
    /// It was not made, for this reason, a phrase: nothing is known of the service.
    case notMade(String)

    /// Of a service that may be found at any of some places, found at none of them.
    ///
    /// Where one could not be looked at it may be just there. Where nothing listens is the least that can be said.
    static func nowhere(_ outcomes: [ProbeOutcome]) -> ProbeOutcome {
        outcomes.first { if case .notMade = $0 { true } else { false } }
            ?? outcomes.first { $0 != .failed(Self.refused) } ?? outcomes.first ?? .failed("it has no address")
    }

    static let refused = String(cString: strerror(ECONNREFUSED))
}
