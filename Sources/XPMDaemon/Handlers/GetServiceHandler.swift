import XPMControl
import XPMProtocol

extension Supervisor {
    func getService(_ request: GetService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        responder.reply(GetService.Reply(service: entry.record, definition: entry.definition))
    }
}
