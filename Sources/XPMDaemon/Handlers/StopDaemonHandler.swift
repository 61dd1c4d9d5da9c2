import XPMControl
import XPMProtocol

extension Daemon {
    func stop(_ request: StopDaemon, _ responder: Responder) {
        let strays = supervisor.strays.isEmpty ? nil : supervisor.strays.count
        if request.keepServices ?? false {
            guard !ContainerRole.endsAll else {
                return responder.fail(
                    WireError(
                        .conflict,
                        "cannot stop xpmd without its services: it is the main process of its container, which ends with it"
                    ))
            }
            responder.reply(StopDaemon.Reply(stopping: 0, strays: strays))
            leave()
        } else {
            responder.reply(StopDaemon.Reply(stopping: supervisor.liveCount, strays: strays))
            endServices(force: request.force ?? false)
        }
    }
}
