import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func restartService(_ request: RestartService, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        start(try registry.resolve(request.service), by: { .restart($0) }, responder)
    }
}
