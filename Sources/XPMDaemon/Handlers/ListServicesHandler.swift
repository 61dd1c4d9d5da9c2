import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    /// Room for the envelope and for what else a reply has beside its services.
    private static let pageLimit = Frame.replyLimit - 4096

    func listServices(_ request: ListServices, _ responder: Responder) throws(WireError) {
        try request.checkLimits()
        let workspace = try request.workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        let isMeant = { (entry: ServiceEntry) in
            let run = entry.identity.run
            return !entry.isReserved && request.cursor.map { entry.key >= $0 } ?? true
                && workspace.map { run.workspace == $0 } ?? true
                && request.experiment.map { run.experiment == $0 } ?? true
                && request.run.map { run.run == $0 } ?? true
        }
        let named = try request.services.map { (references) throws(WireError) in try find(references) }
        responder.withRoom(for: Frame.replyLimit) { [self] in
            let choice = Choice(named, isMeant)
            guard request.usage == true else { return list(choice, with: [:], responder) }
            measure((named?.flatMap(\.parts) ?? registry.services).filter { $0.machine.phase.liveAttempt != nil }) {
                [self] usages in list(choice, with: usages, responder)
            }
        }
    }

    /// The services that references mean, each once, in the order in which they were added. A reference to nothing is left out.
    private func find(_ references: [ServiceReference]) throws(WireError) -> [ServiceEntry] {
        var found: [ObjectIdentifier: ServiceEntry] = [:]
        for reference in references {
            do throws(WireError) {
                let entry = try registry.resolve(reference)
                found[ObjectIdentifier(entry)] = entry
            } catch {
                guard error.code == .notFound else { throw error }
            }
        }
        return found.values.sorted { $0.key < $1.key }
    }

    /// Which services are listed.
    private struct Choice {
        private let named: [ServiceEntry]?
        private let isMeant: (ServiceEntry) -> Bool

        init(_ named: [ServiceEntry]?, _ isMeant: @escaping (ServiceEntry) -> Bool) {
            (self.named, self.isMeant) = (named, isMeant)
        }

        /// Those that are there now.
        func services(of registry: Registry) -> [ServiceEntry] {
            (named?.filter { registry.service($0.identity) === $0 } ?? registry.services).filter(isMeant)
        }
    }

    /// Writes the records in slices, for there may be ten thousand. The reply has all of them as they are when it is put together.
    private func list(_ choice: Choice, with usages: [AttemptID: UsageReport], _ responder: Responder) {
        let written = WrittenRecords(usages)
        rotation.forEach(choice.services(of: registry)) {
            written.write($0)
        } then: { [self] in
            reply(written, choice, responder)
        }
    }

    private func reply(_ written: WrittenRecords, _ choice: Choice, _ responder: Responder) {
        var (page, size, next) = ([[UInt8]](), 0, Int64?.none)
        for entry in choice.services(of: registry) {
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

extension ServiceEntry {
    /// Those whose processes are its own.
    fileprivate var parts: [ServiceEntry] { isComposite ? subServices : [self] }
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
