import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    /// In bytes. Longer reasons are cut: an error is one sentence.
    private static let longestReason = 512

    func endHosted(_ request: EndHosted, _ responder: Responder) throws(WireError) {
        let entry = try hosted(request.attempt, by: responder.connection)
        let attempt = AttemptID(rawValue: request.attempt)
        // Said once more, it may not be on record yet.
        guard live[attempt] === entry else { return ledger.append([], policy: .kept) { _ in responder.reply(Empty()) } }
        let reason = request.error.flatMap { $0.isEmpty ? nil : $0.prefix(bytes: Self.longestReason) }
        end(attempt, entry, .code(request.error == nil ? 0 : 1), saying: reason) { responder.reply(Empty()) }
    }
}
