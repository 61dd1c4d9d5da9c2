import XPMControl
import XPMProtocol

extension Supervisor {
    func listExperiments(_ request: ListExperiments, _ responder: Responder) throws(WireError) {
        let workspace = try request.workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        let found = registry.experiments.filter {
            (workspace == nil || $0.record.identity.workspace == workspace)
                && (request.experiment == nil || $0.record.identity.experiment == request.experiment)
        }
        let inOrder = found.sorted { $1.began(after: $0) }
        responder.reply(ListExperiments.Reply(experiments: inOrder.map(\.current)))
    }
}
