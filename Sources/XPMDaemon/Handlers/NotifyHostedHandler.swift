import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    /// The most that a host may say at once, in bytes, as of a datagram.
    private static let longestWord = 8 << 10

    func notifyHosted(_ request: NotifyHosted, _ responder: Responder) throws(WireError) {
        let entry = try hosted(request.attempt, by: responder.connection)
        guard request.text.utf8.count <= Self.longestWord else {
            throw WireError(
                .invalidParameters,
                "cannot take \(request.text.utf8.count) bytes at once: the limit is \(Self.longestWord)")
        }
        // The end of an attempt is the last that is heard of it.
        if live[AttemptID(rawValue: request.attempt)] === entry {
            notified(AttemptID(rawValue: request.attempt), request.text, entry)
        }
        responder.reply(Empty())
    }

    /// The hosted service whose attempt that is, or was last; no client speaks for what another one hosts.
    func hosted(_ number: UInt64, by connection: any ReplyChannel) throws(WireError) -> ServiceEntry {
        let attempt = AttemptID(rawValue: number)
        let entry = live[attempt] ?? registry.services.first { $0.isHosted && $0.runtime.attempt == attempt }
        guard let entry, entry.host?.connection === connection else {
            throw WireError(
                .notFound, "cannot take the notification of attempt \(number): this connection hosts no such attempt")
        }
        return entry
    }
}
