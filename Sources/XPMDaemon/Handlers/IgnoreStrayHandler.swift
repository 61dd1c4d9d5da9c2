import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func ignoreStray(_ request: IgnoreStray, _ responder: Responder) throws(WireError) {
        _ = try stray(request.stray)
        strays[.init(rawValue: request.stray)]?.isIgnored = request.ignored ?? true
        saveIgnored()
        responder.reply(Empty())
    }
}
