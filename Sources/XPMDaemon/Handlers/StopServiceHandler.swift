import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func stopService(_ request: StopService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        try refuseReserved(entry, to: "stop")
        let grace = try Self.grace(request.graceSeconds)
        let parts = entry.isComposite ? entry.subServices.reversed() : [entry]
        var open = parts.count
        // Whoever stops one that sleeps does not want it to wake for a visit.
        for part in parts where part.isAsleep {
            part.runtime.asleep = nil
            tell(of: part, cause: "stop requested")
        }
        // A stop works on a full disk too: what is wanted is known, and is saved as soon as there is room.
        stop(Array(parts), force: request.force ?? false, grace: grace) { _ in
            open -= 1
            if open == 0 { responder.reply(encoded: entry.wire) }
        }
    }
}
