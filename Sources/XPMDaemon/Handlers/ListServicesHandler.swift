import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    /// Room for the envelope and for what else a reply has beside its services.
    private static let pageLimit = Frame.replyLimit - 4096

    func listServices(_ request: ListServices, _ responder: Responder) throws(WireError) {
        let workspace = try request.workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        let isMeant = { (entry: ServiceEntry) in
            let run = entry.identity.run
            return request.cursor.map { entry.key >= $0 } ?? true && workspace.map { run.workspace == $0 } ?? true
                && request.experiment.map { run.experiment == $0 } ?? true
                && request.run.map { run.run == $0 } ?? true
        }
        responder.withRoom(for: Frame.replyLimit) { [self] in
            guard request.usage == true else { return list(isMeant, with: [:], responder) }
            measure(registry.services.filter { $0.machine.phase.liveAttempt != nil }) { [self] usages in
                list(isMeant, with: usages, responder)
            }
        }
    }

    /// Writes the records in slices, for there may be ten thousand. The reply has all of them as they are when it is put together.
    private func list(
        _ isMeant: @escaping (ServiceEntry) -> Bool, with usages: [AttemptID: UsageReport], _ responder: Responder
    ) {
        let written = WrittenRecords(usages)
        rotation.forEach(registry.services) {
            if isMeant($0) { written.write($0) }
        } then: { [self] in
            reply(written, isMeant, responder)
        }
    }

    private func reply(
        _ written: WrittenRecords, _ isMeant: (ServiceEntry) -> Bool, _ responder: Responder
    ) {
        var (page, size, next) = ([[UInt8]](), 0, Int64?.none)
        for entry in registry.services where isMeant(entry) {
            let wire = written.record(of: entry)
            guard size + wire.count + 1 <= Self.pageLimit else {
                next = entry.key
                break
            }
            page.append(wire)
            size += wire.count + 1
        }
        let strays = next == nil && straysToTell > 0 ? ",\"strays\":\(straysToTell)" : ""
        responder.reply(room: size + 64) { reply in
            reply.writeString(next.map { "{\"next\":\($0),\"services\":[" } ?? "{\"services\":[")
            for (place, wire) in page.enumerated() {
                if place > 0 { reply.writeString(",") }
                reply.writeBytes(wire)
            }
            reply.writeString("]\(strays)}")
        }
    }
}

/// The wire forms of services, written ahead of the reply that they are for.
private final class WrittenRecords {
    private let usages: [AttemptID: UsageReport]
    /// Of those that have something that is looked up for each reply.
    private var live: [ObjectIdentifier: (changes: Int, wire: [UInt8])] = [:]

    init(_ usages: [AttemptID: UsageReport]) { self.usages = usages }

    @discardableResult
    func write(_ entry: ServiceEntry) -> [UInt8] {
        guard entry.isLive else { return entry.wire }
        let wire = entry.wire(with: usages)
        live[ObjectIdentifier(entry)] = (entry.changes, wire)
        return wire
    }

    /// As it is now: what has changed since it was written is written once more.
    func record(of entry: ServiceEntry) -> [UInt8] {
        if let known = live[ObjectIdentifier(entry)], known.changes == entry.changes { return known.wire }
        return write(entry)
    }
}
