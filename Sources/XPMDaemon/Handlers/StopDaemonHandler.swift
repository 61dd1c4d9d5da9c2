import XPMControl
import XPMProtocol

extension Daemon {
    func stop(_ request: StopDaemon, _ responder: Responder) {
        if request.keepServices ?? false {
            guard !ContainerRole.endsAll else {
                return responder.fail(
                    WireError(
                        .conflict,
                        "cannot stop xpmd without its services: it is the main process of its container, which ends with it"
                    ))
            }
            responder.reply(StopDaemon.Reply(stopping: 0))
            leave()
        } else {
            responder.reply(StopDaemon.Reply(stopping: supervisor.live.count))
            endServices(force: request.force ?? false)
        }
    }
}
