import XPMControl
import XPMProtocol

extension Daemon {
    func subscribeEvents(_ request: SubscribeEvents, _ responder: Responder) throws(WireError) {
        let last = supervisor.ledger.lastSequence
        if let since = request.since, since < 0 || since > last {
            throw WireError(
                .invalidParameters,
                "cannot send the events after \(since): the last one is \(last); does \(since) come from another state folder?"
            )
        }
        responder.reply(SubscribeEvents.Reply(last: last))
        responder.connection.subscribe(after: request.since ?? last)
    }
}
