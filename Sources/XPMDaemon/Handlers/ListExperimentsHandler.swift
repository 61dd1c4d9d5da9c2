import XPMControl
import XPMProtocol

extension Supervisor {
    func listExperiments(_ request: ListExperiments, _ responder: Responder) throws(WireError) {
        let workspace = try request.workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        let found = registry.experiments.map(\.current).filter {
            (workspace == nil || $0.identity.workspace == workspace)
                && (request.experiment == nil || $0.identity.experiment == request.experiment)
        }
        responder.reply(ListExperiments.Reply(experiments: found))
    }
}
