import XPMControl
import XPMProtocol

extension Daemon {
    func stop(_ request: StopDaemon, _ responder: Responder) {
        if request.keepServices ?? false {
            responder.reply(StopDaemon.Reply(stopping: 0))
            leave()
        } else {
            responder.reply(StopDaemon.Reply(stopping: supervisor.live.count))
            endServices(force: request.force ?? false)
        }
    }
}
