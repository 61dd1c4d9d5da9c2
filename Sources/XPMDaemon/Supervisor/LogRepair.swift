import Logging
import XPMProtocol

extension Supervisor {
    /// Tells that a log's state was damaged, where its service's user looks.
    func noteRepair(of path: String) {
        let text = LogState.repairNote(of: path)
        guard let entry = registry.services.first(where: { $0.logs.files.contains(path) }) else {
            return logger.warning("\(text)")
        }
        note(text, of: entry)
    }
}
