import XPMControl
import XPMProtocol

extension Supervisor {
    func listWorkspaces(_ request: ListWorkspaces, _ responder: Responder) {
        responder.reply(ListWorkspaces.Reply(workspaces: workspaces.map { record(of: $0) }))
    }
}
