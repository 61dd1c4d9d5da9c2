import ArgumentParser
import XPMClient
import XPMProtocol

/// Completion of service names by the daemon that runs; none is started for it.
enum ServiceNames {
    /// All services; the shell itself leaves out those that begin otherwise than what is typed.
    static let completion = CompletionKind.custom { _, _, typed in
        guard let catalogue = try? Catalogue.read(connection()) else { return [] }
        return CompletionWord.offered(catalogue.services.map { name(of: $0, in: catalogue, typed: typed) })
    }

    /// The services and templates that can be started, and the parameters of a template that is named already.
    static let startable = CompletionKind.custom { words, index, typed in
        guard let connection = try? connection(), let catalogue = try? Catalogue.read(connection),
            let templates = try? connection.call(ListTemplates()).templates
        else { return [] }
        let names = catalogue.services.filter(canBeStarted).map { name(of: $0, in: catalogue, typed: typed) }
        return CompletionWord.offered(
            StartWords(names: names, templates: templates).behind(words.prefix(index), typed: typed))
    }

    /// The ids of services of this folder, among which those of a new service's own run are.
    static let ids = CompletionKind.custom { _, _, _ in
        guard let catalogue = try? Catalogue.read(connection()) else { return [] }
        let (folder, homes) = (Caller.nearestFolder, Caller.homes)
        let here = catalogue.services.map(\.identity).filter {
            $0.parent == nil && WorkspacePath.holds($0.run.workspace, folder, homes: homes)
        }
        return CompletionWord.offered(Set(here.map(\.id)).sorted())
    }

    /// Signals without SIG, as `kill -l` has them.
    static let signals = CompletionKind.list((1...31).map { String(SignalName.text($0).dropFirst(3)) })

    private static func connection() throws -> Connection {
        try Connection(socket: Places.ofThisProcess().socket, client: ConnectionOptions.clientName)
    }

    /// The shortest name, or the one of the form that is being typed.
    private static func name(of service: ServiceRecord, in catalogue: Catalogue, typed: String) -> String {
        let identity = service.identity
        if typed.contains("@") { return identity.fullName }
        let isNewest = catalogue.newest.contains(identity.run)
        return typed.contains(":") && isNewest
            ? "\(identity.run.experiment):\(identity.id)" : catalogue.names.name(of: identity)
    }

    private static func canBeStarted(_ service: ServiceRecord) -> Bool {
        switch service.state {
        case .stopped, .stopping, .error: !service.isGone
        case .starting, .running: false
        }
    }
}
