import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func restartService(_ request: RestartService, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        let entry = try registry.resolve(request.service)
        let grace = try Self.grace(request.graceSeconds)
        let parts = entry.isComposite ? entry.subServices : [entry]
        if let grace { for part in parts { change(grace, of: part) } }
        start(entry, by: { .restart($0) }, responder)
        if request.force ?? false { for part in parts { apply(.force, to: part) } }
    }
}
