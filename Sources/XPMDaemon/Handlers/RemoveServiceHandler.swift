import XPMControl
import XPMProtocol
import XPMStore

extension Supervisor {
    func removeService(_ request: RemoveService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        guard entry.identity.parent == nil else {
            throw WireError(
                .invalidParameters,
                "cannot remove \(entry.identity.fullName) alone: it is a part of a composite service")
        }
        try refuseWhileFound(entry)
        let all = entry.subServices + [entry]
        if let running = all.first(where: \.isLive) {
            throw WireError(
                .notStopped, "cannot remove \(running.identity.fullName): it is \(running.state.rawValue)",
                data: ["service": .of(running.record)])
        }
        let record = entry.record
        let events = all.map { EventRecord(about: $0, kind: .serviceRemoved) }
        for part in all { registry.remove(part) }
        ledger.append(all.map { .removeService($0.key) }, events: events, policy: .refusable) { [self] fault in
            if let fault {
                for part in all.reversed() { registry.insert(part) }
                return responder.fail(fault.asWireError)
            }
            for part in all { discard(part) }
            forgetIfGone(entry.experiment)
            responder.reply(record)
        }
    }
}
