import NIOCore
import XPMControl
import XPMProtocol

extension Supervisor {
    /// Written in slices: a watched workspace may have ten thousand runs.
    func listExperiments(_ request: ListExperiments, _ responder: Responder) throws(WireError) {
        let workspace = try request.workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        let found = registry.experiments.filter {
            !$0.isReserved && (workspace == nil || $0.record.identity.workspace == workspace)
                && (request.experiment == nil || $0.record.identity.experiment == request.experiment)
        }
        let inOrder = found.sorted { $1.began(after: $0) }
        responder.withRoom(for: inOrder.count * 256) { [self] in
            var written: [[UInt8]] = []
            rotation.forEach(inOrder) {
                // Nothing in it is a number that JSON lacks.
                if let wire = try? Wire.encode($0.current) { written.append(wire) }
            } then: {
                responder.reply(room: written.reduce(32) { $0 + $1.count + 1 }) { reply in
                    reply.writeString("{\"experiments\":[")
                    for (place, wire) in written.enumerated() {
                        if place > 0 { reply.writeString(",") }
                        reply.writeBytes(wire)
                    }
                    reply.writeString("]}")
                }
            }
        }
    }
}
