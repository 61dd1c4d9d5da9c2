import XPMControl
import XPMProtocol

extension Daemon {
    func subscribeEvents(_ request: SubscribeEvents, _ responder: Responder) {
        let last = supervisor.ledger.lastSequence
        responder.reply(SubscribeEvents.Reply(last: last))
        // A number from another state folder is no place in this log; its news are what can be had.
        responder.connection.subscribe(after: min(max(request.since ?? last, 0), last))
    }
}
