import ArgumentParser
import XPMClient
import XPMProtocol

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Explain why services are in their state.",
        discussion: """
            Shows its last state changes and their causes, what its last exit means, where its logs are, and what to do next.

            EXAMPLES
              xpmctl why tensorboard
              xpmctl why 'tensor*'
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    /// How many transitions are shown.
    private static let shown = 10
    /// Events that an older daemon is asked for first; all of them only where the service does not occur among these.
    private static let recent: Int64 = 2000

    func run() throws {
        let batch = try Batch(names, connection, naming)
        let page = WhyPage(now: .now, style: .forTerminal(StandardOutput.isTerminal))
        var found: [(member: Member, reply: GetService.Reply)] = []
        try batch.ask(batch.members(naming.lookup), { GetService($0) }) { member, reply in
            naming.noteElsewhere(reply.service, named: batch.named[member.index].text)
            found.append((member, reply))
        }
        let histories = try histories(of: Set(found.map(\.reply.service.identity)), batch.session.connection)
        for (place, entry) in found.enumerated() {
            let events = histories[entry.reply.service.identity] ?? []
            switch output.output {
            case .json: try StandardOutput.writeJSON(Reasons(service: entry.reply.service, events: events))
            case .table:
                try StandardOutput.write((place == 0 ? "" : "\n") + page.text(entry.reply, history: events))
            }
        }
        try batch.finish()
    }

    /// As JSON: the record and its last events.
    private struct Reasons: Encodable {
        var service: ServiceRecord
        var events: [EventRecord]
    }

    /// The last events of each service, and no others.
    private func histories(of services: Set<ServiceIdentity>, _ connection: Connection) throws(WireError)
        -> [ServiceIdentity: [EventRecord]]
    {
        var found: [ServiceIdentity: [EventRecord]] = [:]
        for service in services {
            do throws(WireError) {
                let request = ListEvents(limit: Self.shown, service: ServiceReference(service))
                found[service] = try connection.call(request).events
            } catch {
                switch error.code {
                case .unknownMethod: return try searched(services, connection)
                // It has been removed meanwhile.
                case .notFound: break
                default: throw error
                }
            }
        }
        return found
    }

    /// The same from a daemon that lists no events. All are read only where a service does not occur among the recent ones.
    private func searched(_ services: Set<ServiceIdentity>, _ connection: Connection) throws(WireError)
        -> [ServiceIdentity: [EventRecord]]
    {
        guard !services.isEmpty else { return [:] }
        let last = try connection.call(DaemonStatus()).lastEvent
        let start = max(0, last.clampedDifference(Self.recent))
        var found = try events(of: services, since: start)
        let missing = services.subtracting(found.keys)
        if start > 0, !missing.isEmpty { found.merge(try events(of: missing, since: 0)) { first, _ in first } }
        return found
    }

    private func events(of services: Set<ServiceIdentity>, since: Int64) throws(WireError)
        -> [ServiceIdentity: [EventRecord]]
    {
        let reader = EventReader(since: since) { [connection] () throws(WireError) in
            try connection.connect(autostart: false)
        }
        let last = try reader.subscribe()
        var found: [ServiceIdentity: [EventRecord]] = [:]
        var reached = since
        while reached < last {
            let events = try reader.read()
            for event in events {
                guard let service = event.service, services.contains(service) else { continue }
                found[service, default: []].append(event)
            }
            reached = events.map { max($0.sequence, $0.to ?? 0) }.max() ?? reached
        }
        return found.mapValues { $0.suffix(Self.shown) }
    }
}
