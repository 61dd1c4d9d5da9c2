import XPMClient
import XPMProtocol

/// `list --watch`: shows the list, and again whenever an event tells that it has changed.
struct ListWatch {
    var connection: ConnectionOptions
    /// Shows all of the list on a terminal, in place of what is there.
    var draw: (Catalogue) throws -> Void
    /// Which services are in the list.
    var chosen: (Catalogue) -> [ServiceRecord]
    /// Shows one that is new or has changed, where there is no terminal; of one that is no longer in the list the last record.
    var tell: (ServiceRecord, _ isGone: Bool) throws -> Void

    /// Goes on until the caller ends it, or nobody reads what it prints. An xpmd that is ending is waited for.
    func run() throws {
        Readers.watch([StandardOutput.descriptor])
        let connection = connection
        var link: Connection? = try connection.connect()
        let reader = EventReader(since: nil) { () throws(WireError) in try connection.connect(autostart: false) }
        var shown: [ServiceIdentity: ServiceRecord] = [:]
        var backoff = Backoff()
        while true {
            do {
                // What happens from here on wakes the next read, so nothing is missed behind the list that is read now.
                _ = try reader.subscribe()
                let current = try link ?? connection.connect(autostart: false)
                link = current
                try show(Catalogue.read(current), &shown)
                backoff.reset()
                _ = try reader.read()
            } catch let error as WireError where EventReader.isTransient(error) {
                link = nil
                Thread.pause(backoff.next())
            }
        }
    }

    private func show(_ catalogue: Catalogue, _ shown: inout [ServiceIdentity: ServiceRecord]) throws {
        guard !StandardOutput.isTerminal else {
            try StandardOutput.write("\u{1b}[H\u{1b}[2J")
            return try draw(catalogue)
        }
        let services = chosen(catalogue)
        for service in services where shown[service.identity] != service { try tell(service, false) }
        let now = Dictionary(services.map { ($0.identity, $0) }) { _, last in last }
        for (identity, service) in shown where now[identity] == nil { try tell(service, true) }
        shown = now
    }
}
