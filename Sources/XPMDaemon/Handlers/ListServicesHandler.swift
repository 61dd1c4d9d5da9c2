import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func listServices(_ request: ListServices, _ responder: Responder) throws(WireError) {
        let workspace = try request.workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        guard request.usage == true else { return list(request, in: workspace, responder) { $0.wire } }
        let live = registry.services.filter { $0.machine.phase.liveAttempt != nil }
        measure(live) { [self] usages in
            list(request, in: workspace, responder) { $0.wire(with: usages) }
        }
    }

    private func list(
        _ request: ListServices, in workspace: String?, _ responder: Responder, _ encoded: (ServiceEntry) -> [UInt8]
    ) {
        // A concatenation of what was encoded when each service last changed.
        let room = Frame.replyLimit - 4096
        var page = ByteBuffer()
        var next: Int64?
        var isFirst = true
        for entry in registry.services {
            if let cursor = request.cursor, entry.key < cursor { continue }
            let run = entry.identity.run
            if let workspace, run.workspace != workspace { continue }
            if let experiment = request.experiment, run.experiment != experiment { continue }
            if let wanted = request.run, run.run != wanted { continue }
            let wire = encoded(entry)
            if page.readableBytes + wire.count > room {
                next = entry.key
                break
            }
            if !isFirst { page.writeString(",") }
            isFirst = false
            page.writeBytes(wire)
        }
        var reply = ByteBuffer(string: next.map { "{\"next\":\($0),\"services\":[" } ?? "{\"services\":[")
        let strays = next == nil && straysToTell > 0 ? ",\"strays\":\(straysToTell)" : ""
        reply.reserveCapacity(page.readableBytes + 64)
        reply.writeBuffer(&page)
        reply.writeString("]\(strays)}")
        responder.reply(encoded: reply.readableBytesView)
    }
}
