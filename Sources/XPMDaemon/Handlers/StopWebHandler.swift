import XPMControl
import XPMProtocol

extension Supervisor {
    func stopWeb(_ request: StopWeb, _ responder: Responder) {
        guard let entry = webEntry else { return replyWeb(responder) }
        var wish = entry.runtime.web ?? WebWish()
        (wish.isAsked, wish.stoppedOn) = (nil, BootClock.bootID)
        note(wish, of: entry)
        stop([entry]) { [self] _ in replyWeb(responder) }
    }
}
