import XPMControl
import XPMProtocol

extension Supervisor {
    func listTemplates(_ request: ListTemplates, _ responder: Responder) {
        responder.holdOthers(for: Self.orderTime)
        userFiles.renewTemplates { [self] in
            let shelf = userFiles.templates
            responder.reply(
                ListTemplates.Reply(
                    templates: shelf.records, faults: shelf.unread.isEmpty ? nil : shelf.unread.map(\.message)))
        }
    }
}
