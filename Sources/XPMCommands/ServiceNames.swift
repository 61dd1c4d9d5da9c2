import ArgumentParser
import XPMClient
import XPMProtocol

/// Completion of service names by the daemon that runs; none is started for it.
enum ServiceNames {
    static let completion = CompletionKind.custom { _, _, prefix in
        guard let places = try? Places.ofThisProcess(),
            let connection = try? Connection(socket: places.socket, client: ConnectionOptions.clientName),
            let catalogue = try? Catalogue.read(connection)
        else { return [] }
        return catalogue.services.map { catalogue.names.name(of: $0.identity) }.filter { $0.hasPrefix(prefix) }
    }
}
