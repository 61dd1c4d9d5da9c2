import NIOCore
import XPMControl
import XPMProtocol

extension Supervisor {
    func getService(_ request: GetService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        // The record as it was encoded when the service last changed, in the reply's place for it.
        var reply = ByteBuffer(string: "{\"definition\":")
        reply.writeString(entry.definitionJSON)
        reply.writeString(",\"service\":")
        reply.writeImmutableBuffer(entry.wire)
        reply.writeString("}")
        responder.reply(encoded: reply)
    }
}
