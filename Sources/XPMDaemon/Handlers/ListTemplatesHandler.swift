import XPMControl
import XPMProtocol

extension Supervisor {
    func listTemplates(_ request: ListTemplates, _ responder: Responder) {
        responder.reply(ListTemplates.Reply(templates: templates.records))
    }
}
