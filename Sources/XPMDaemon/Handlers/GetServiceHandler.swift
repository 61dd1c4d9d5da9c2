import NIOCore
import XPMControl
import XPMProtocol

extension Supervisor {
    func getService(_ request: GetService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        guard request.usage == true else { return reply(entry, entry.wire(with: [:]), responder) }
        measure(entry.isComposite ? entry.subServices : [entry]) { [self] usages in
            reply(entry, entry.wire(with: usages), responder)
        }
    }

    /// The record as it was encoded when the service last changed, or just now, in the reply's place for it.
    private func reply(_ entry: ServiceEntry, _ wire: [UInt8], _ responder: Responder) {
        var reply = ByteBuffer(string: "{\"definition\":")
        reply.writeString(entry.definitionJSON)
        reply.writeString(",\"service\":")
        reply.writeBytes(wire)
        reply.writeString("}")
        responder.reply(encoded: reply.readableBytesView)
    }
}
