import XPMControl
import XPMProtocol

extension Daemon {
    func subscribeEvents(_ request: SubscribeEvents, _ responder: Responder) throws(WireError) {
        let last = supervisor.ledger.lastSequence
        if let since = request.since, since < 0 || since > last {
            throw WireError(
                .invalidParameters,
                "cannot send what follows event \(since): this log has events up to \(last); is it another state folder's number?"
            )
        }
        responder.reply(SubscribeEvents.Reply(last: last))
        responder.connection.subscribe(after: request.since ?? last)
    }
}
