import XPMClient
import XPMProtocol

/// Which origin leads to which service: a table that follows the mirror.
///
/// Labels are found by their last eight characters, and only then compared whole: no label is kept for a service that nobody asks for.
final class ServiceRoutes {
    private struct Entry: Hashable {
        var service: ServiceIdentity
        var port: String?
    }

    private let live: LiveModel
    private let activity: (ServiceIdentity) -> ServiceActivity
    /// One almost always: an array takes less room than a set.
    private var entries: [String: [Entry]] = [:]
    private var ports: [ServiceIdentity: [String]] = [:]
    private var routes: [String: ServiceRoute] = [:]
    private var labels: [ServiceIdentity: Set<String>] = [:]
    /// Called for each service that has changed, or is gone.
    var changed: (ServiceIdentity) -> Void = { _ in }

    init(_ live: LiveModel, activity: @escaping (ServiceIdentity) -> ServiceActivity) {
        (self.live, self.activity) = (live, activity)
        for service in live.model.services { put(service) }
        live.observe { [weak self] changes in self?.apply(changes) }
    }

    /// The way to the service whose origin has this label; nil where there is none.
    func route(_ label: String) -> ServiceRoute? {
        if let route = routes[label] { return route }
        guard let suffix = OriginLabel.suffix(of: label) else { return nil }
        let found = (entries[suffix] ?? []).filter { OriginLabel($0.service, port: $0.port).text == label }
        // Two that cannot be told apart have no origin, rather than each other's.
        guard found.count == 1, let entry = found.first else { return nil }
        return make(entry, label: label)
    }

    /// The way to a service.
    func route(_ service: ServiceIdentity, port: String? = nil) -> ServiceRoute? {
        route(OriginLabel(service, port: port).text)
    }

    private func make(_ entry: Entry, label: String) -> ServiceRoute? {
        guard let service = live.model[entry.service] else { return nil }
        let route = ServiceRoute(service, label: label, port: entry.port, activity: activity(entry.service))
        routes[label] = route
        labels[entry.service, default: []].insert(label)
        return route
    }

    private func apply(_ changes: [MirrorChange]) {
        for change in changes {
            switch change {
            case .serviceAdded(let service), .serviceChanged(let service): put(service)
            case .serviceRemoved(let identity): remove(identity)
            case .runAdded, .runChanged, .runRemoved, .connectionChanged: break
            }
        }
    }

    private func put(_ service: MirroredService) {
        let identity = service.identity
        insert(Entry(service: identity))
        let names = WebRules(service.record).ports.keys.sorted()
        for gone in ports[identity] ?? [] where !names.contains(gone) { erase(Entry(service: identity, port: gone)) }
        ports[identity] = names.isEmpty ? nil : names
        for name in names { insert(Entry(service: identity, port: name)) }
        for label in labels[identity] ?? [] { routes[label]?.service = service }
        changed(identity)
    }

    private func remove(_ identity: ServiceIdentity) {
        erase(Entry(service: identity))
        for name in ports.removeValue(forKey: identity) ?? [] { erase(Entry(service: identity, port: name)) }
        labels[identity] = nil
        changed(identity)
    }

    private func insert(_ entry: Entry) {
        // What a changed record asks of a service is there already.
        guard let suffix = suffix(entry), entries[suffix]?.contains(entry) != true else { return }
        entries[suffix, default: []].append(entry)
    }

    private func erase(_ entry: Entry) {
        let label = OriginLabel(entry.service, port: entry.port).text
        routes[label] = nil
        labels[entry.service]?.remove(label)
        guard let suffix = OriginLabel.suffix(of: label) else { return }
        entries[suffix]?.removeAll { $0 == entry }
        if entries[suffix]?.isEmpty == true { entries[suffix] = nil }
    }

    private func suffix(_ entry: Entry) -> String? {
        OriginLabel.suffix(of: OriginLabel(entry.service, port: entry.port).text)
    }
}
