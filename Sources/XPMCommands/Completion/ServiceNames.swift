import ArgumentParser
import XPMClient
import XPMProtocol

/// Completion of the names that xpmd knows; none is started for it.
enum ServiceNames {
    /// All services; the shell itself leaves out those that begin otherwise than what is typed.
    static let completion = services { _ in true }

    /// Those that can be stopped: what runs, or waits for a restart.
    static let stoppable = services { $0.state != .stopped && ($0.state != .error || $0.retry != nil) }

    /// Those that have a process.
    static let live = services { [.starting, .running, .stopping].contains($0.state) }

    /// Those that have no process, and so can be removed.
    static let removable = services { ($0.state == .stopped || $0.state == .error) && $0.retry == nil }

    /// Those that can run.
    static let runnable = services { !$0.isGone }

    /// Those that can be opened.
    static let open = services { $0.state == .running && $0.url != nil }

    /// The services and templates that can be started, and the parameters of a template that is named already.
    static let startable = CompletionKind.custom { words, index, typed in
        guard let connection = try? connection(), let catalogue = try? Catalogue.read(connection),
            let templates = try? connection.call(ListTemplates()).templates
        else { return [] }
        let names = catalogue.services.filter(canBeStarted).map { name(of: $0, in: catalogue, typed: typed) }
        return CompletionWord.offered(
            StartWords(names: names, templates: templates).behind(words.prefix(index), typed: typed), typed: typed)
    }

    /// The ids of services of this folder, among which those of a new service's own run are.
    static let ids = CompletionKind.custom { _, _, typed in
        guard let catalogue = try? Catalogue.read(connection()) else { return [] }
        let (folder, homes) = (Caller.nearestFolder, Caller.homes)
        let here = catalogue.services.map(\.identity).filter {
            $0.parent == nil && WorkspacePath.holds($0.run.workspace, folder, homes: homes)
        }
        return CompletionWord.offered(Set(here.map(\.id)).sorted(), typed: typed)
    }

    /// The experiments that have services.
    static let experiments = CompletionKind.custom { _, _, typed in
        let experiments = try? connection().call(ListExperiments()).experiments
        return CompletionWord.offered(Set((experiments ?? []).map(\.identity.experiment)).sorted(), typed: typed)
    }

    /// The pids of strays.
    static let strays = CompletionKind.custom { _, _, _ in
        let strays = try? connection().call(ListStrays()).strays
        return CompletionWord.offered((strays ?? []).compactMap(\.pid).map(String.init))
    }

    /// The watched workspaces.
    static let workspaces = CompletionKind.custom { _, _, typed in
        let workspaces = try? connection().call(ListWorkspaces()).workspaces
        return CompletionWord.offered((workspaces ?? []).map(\.workspace), typed: typed)
    }

    /// Signals without SIG, as `kill -l` has them.
    static let signals = CompletionKind.list((1...31).map { String(SignalName.text($0).dropFirst(3)) })

    private static func connection() throws -> Connection {
        try Connection(socket: Places.ofThisProcess().socket, client: ConnectionOptions.clientName)
    }

    private static func services(_ isMeant: @escaping @Sendable (ServiceRecord) -> Bool) -> CompletionKind {
        .custom { _, _, typed in
            guard let catalogue = try? Catalogue.read(connection()) else { return [] }
            return CompletionWord.offered(
                catalogue.services.filter(isMeant).map { name(of: $0, in: catalogue, typed: typed) }, typed: typed)
        }
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
