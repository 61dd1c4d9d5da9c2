import XPMProtocol

/// Which records name a service as a dependent: they change when it is removed, without an event of their own.
struct DependentIndex: Sendable {
    private var namedBy: [ServiceIdentity: Set<String>] = [:]

    /// The services whose records name `dependent`.
    func of(_ dependent: ServiceIdentity) -> [ServiceIdentity] {
        (namedBy[dependent] ?? []).map { ServiceIdentity(run: dependent.run, id: $0) }
    }

    /// The record of `service` names other dependents than before.
    mutating func change(of service: ServiceIdentity, from before: [String], to now: [String]) {
        guard before != now else { return }
        for id in before where !now.contains(id) {
            let dependent = ServiceIdentity(run: service.run, id: id)
            namedBy[dependent]?.remove(service.id)
            if namedBy[dependent]?.isEmpty == true { namedBy[dependent] = nil }
        }
        for id in now { namedBy[ServiceIdentity(run: service.run, id: id), default: []].insert(service.id) }
    }
}
