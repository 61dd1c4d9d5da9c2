import XPMProtocol

/// Services as people see them in a list.
struct ServiceTable {
    var names: ShortNames
    var now: Timestamp
    var style: Style
    /// Whether it tells what services use, as far as the records say so.
    var showsUsage = false
    /// How wide a row may be; nil for as wide as it is.
    var limit: Int?

    func text(_ services: [ServiceRecord]) -> String {
        // The workspace is told only where names alone would leave two rows the same.
        let needsWorkspace = services.contains { names.isShared($0.identity) }
        var table = Table(
            ["SERVICE", "STATE", "SINCE", "PID"] + (showsUsage ? ["MEMORY", "CPU"] : [])
                + (needsWorkspace ? ["WORKSPACE"] : []) + ["URL/ERROR"], style: style, limit: limit)
        let known = Set(services.map(\.identity))
        for service in Self.ordered(services) {
            let isPart = service.identity.parent.map { parent in
                known.contains(ServiceIdentity(run: service.identity.run, id: parent))
            }
            table.add(
                [
                    Table.Cell((isPart == true ? "  " : "") + names.name(of: service.identity)),
                    Table.Cell(service.state.rawValue) { style.paint($0, as: service.state) },
                    Table.Cell(Age.text(since: service.since, now: now)),
                    Table.Cell(Self.process(service)),
                ] + (showsUsage ? Self.usage(service) : [])
                    + (needsWorkspace ? [Table.Cell(service.identity.run.workspace)] : []) + [
                        Table.Cell(Self.detail(service, now: now))
                    ])
        }
        return table.text
    }

    /// The process; that of a hosted service is its client's, and has other things to do.
    private static func process(_ service: ServiceRecord) -> String {
        service.pid.map { service.isHosted ? "in \($0)" : "\($0)" } ?? "-"
    }

    private static func usage(_ service: ServiceRecord) -> [Table.Cell] {
        [Table.Cell(service.usage?.memory ?? "-"), Table.Cell(service.usage?.cpu ?? "-")]
    }

    /// The services in their order, but parts right behind their composite.
    static func ordered(_ services: [ServiceRecord]) -> [ServiceRecord] {
        let known = Set(services.map(\.identity))
        func composite(_ service: ServiceRecord) -> ServiceIdentity? {
            let identity = service.identity.parent.map { ServiceIdentity(run: service.identity.run, id: $0) }
            return identity.flatMap { known.contains($0) ? $0 : nil }
        }
        let parts = Dictionary(grouping: services.filter { composite($0) != nil }) { composite($0) }
        return services.filter { composite($0) == nil }.flatMap { [$0] + (parts[$0.identity] ?? []) }
    }

    /// That a service which runs now was restarted, and why.
    private static func restarts(_ service: ServiceRecord) -> String? {
        guard service.state == .running, let count = service.restarts, count > 0 else { return nil }
        let times = count == 1 ? "restarted once" : "restarted \(count) times"
        // What is wrong again stands beside it.
        guard service.lastFailure.map({ $0.error != service.health?.complaint }) ?? true else { return times }
        return times + (service.lastFailure.map { ", last failure: \($0.error)" } ?? "")
    }

    /// What matters most about a service besides its state.
    static func detail(_ service: ServiceRecord, now: Timestamp) -> String {
        let told: String? =
            switch service.state {
            case .running: service.url ?? service.status
            case .error: service.error ?? service.exit?.description
            case .starting, .stopping: service.awaited(now: now).map { "waiting for \($0)" }
            case .stopped: service.isAsleep ? "asleep: it was idle" : service.exit?.description
            }
        return [
            service.isSuspended ? SuspendedText.short : nil, told, service.state == .error ? nil : service.error,
            Self.restarts(service),
            service.retry?.text(now: now), service.state == .running ? service.health?.complaint : nil,
            service.isGone ? "gone from its workspace" : nil,
        ]
        .compactMap { $0?.isEmpty == true ? nil : $0 }.joined(separator: "; ")
    }
}
