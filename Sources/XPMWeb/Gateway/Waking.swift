import XPMClient
import XPMProtocol

/// Starts services that somebody opens, each once however many ask.
final class Waking {
    private let daemon: any DaemonRequests
    /// What was asked for and not answered yet, and what is told of it.
    private var asked: [ServiceIdentity: [(WireError?) -> Void]] = [:]
    /// Why the last start of a service was refused, until its record changes. Bounded: the oldest is the one that matters least.
    private var faults: [ServiceIdentity: WireError] = [:]
    /// What was granted while the mirror does not show it yet, by the revision that it will have. Not for ever: a crash of xpmd may have
    /// taken it back.
    private var granted: [ServiceIdentity: (revision: Int64, at: ContinuousClock.Instant)] = [:]
    private static let patience = Duration.seconds(10)

    private static let (mostFaults, mostWaiting) = (64, 1024)

    init(_ daemon: any DaemonRequests) { self.daemon = daemon }

    /// Whether a start is on its way, though the record does not show it.
    func isComing(_ record: ServiceRecord) -> Bool {
        if asked[record.identity] != nil { return true }
        guard let (revision, at) = granted[record.identity] else { return false }
        return (record.revision ?? 0) < revision && at.duration(to: .now) < Self.patience
    }

    /// Why the last start was refused.
    func fault(_ identity: ServiceIdentity) -> WireError? { faults[identity] }

    /// Asks xpmd to start a service, unless that is on its way already; `cause` is what its events say, `done` is told of a refusal, or
    /// of nil.
    func start(_ record: ServiceRecord, cause: String, _ done: @escaping (WireError?) -> Void = { _ in }) {
        let identity = record.identity
        if let waiting = asked[identity] {
            if waiting.count < Self.mostWaiting { asked[identity]?.append(done) } else { done(nil) }
            return
        }
        if isComing(record) { return done(nil) }
        asked[identity] = [done]
        daemon.request(StartService(ServiceReference(identity), cause: cause)) { [weak self] result in
            self?.take(result, of: identity)
        }
    }

    /// A record has changed, or is gone: what was known of it is old.
    func forget(_ identity: ServiceIdentity, _ record: ServiceRecord?) {
        faults[identity] = nil
        if let revision = granted[identity]?.revision, record.map({ ($0.revision ?? .max) >= revision }) ?? true {
            granted[identity] = nil
        }
    }

    private func take(_ result: Result<ServiceRecord, WireError>, of identity: ServiceIdentity) {
        let waiting = asked.removeValue(forKey: identity) ?? []
        var fault: WireError?
        switch result {
        case .success(let record): granted[identity] = record.revision.map { ($0, .now) }
        case .failure(let error):
            fault = error
            if faults.count >= Self.mostFaults { faults.removeAll() }
            faults[identity] = error
        }
        for done in waiting { done(fault) }
    }
}
