import ArgumentParser
import XPMClient
import XPMProtocol

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Explain why a service is in its state.",
        discussion: """
            Shows its last state changes and their causes, what its last exit means, where its logs are, and what to do next.

            EXAMPLE
              xpmctl why tensorboard
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The service.", completion: ServiceNames.completion) var name: String

    /// How many transitions are shown.
    private static let shown = 10
    /// Events that are looked through first; all of them only where the service does not occur among these.
    private static let recent: Int64 = 2000

    func run() throws {
        let connection = try connection.connect()
        let reply = try NearestNames.suggesting(connection) {
            try connection.call(GetService(try naming.lookup(name, on: connection)))
        }
        naming.noteElsewhere(reply.service, named: name)
        let last = try connection.call(DaemonStatus()).lastEvent
        var history: [EventRecord] = []
        for since in [max(0, last - Self.recent), 0] where history.isEmpty {
            history = try events(of: reply.service.identity, since: since)
        }
        if output.output == .json {
            return try StandardOutput.writeJSON(
                Reasons(service: reply.service, events: history.suffix(Self.shown)))
        }
        let page = WhyPage(now: .now, style: .forTerminal(StandardOutput.isTerminal))
        try StandardOutput.write(page.text(reply, history: history.suffix(Self.shown)))
    }

    /// As JSON: the record and its last events.
    private struct Reasons: Encodable {
        var service: ServiceRecord
        var events: [EventRecord]
    }

    private func events(of service: ServiceIdentity, since: Int64) throws(WireError) -> [EventRecord] {
        let reader = EventReader(since: since) { [connection] () throws(WireError) in
            try connection.connect(autostart: false)
        }
        let last = try reader.subscribe()
        var found: [EventRecord] = []
        var reached = since
        while reached < last {
            let events = try reader.read()
            found += events.filter { $0.service == service }
            reached = events.map { max($0.sequence, $0.to ?? 0) }.max() ?? reached
        }
        return found
    }
}
