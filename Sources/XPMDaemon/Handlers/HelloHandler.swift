import Glibc
import XPMControl
import XPMProtocol

extension Daemon {
    func hello(_ request: Hello, _ responder: Responder) throws(WireError) {
        try request.checkLimits()
        responder.reply(
            Hello.Reply(
                version: try ProtocolVersion.agreed(with: request.versions), daemon: "xpmd \(ProtocolVersion.product)",
                pid: getpid(), instance: supervisor.instance, requestLimit: Frame.requestLimit,
                replyLimit: Frame.replyLimit))
    }
}
