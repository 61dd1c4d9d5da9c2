import XPMControl
import XPMProtocol

extension Daemon {
    func subscribeEvents(_ request: SubscribeEvents, _ responder: Responder) {
        let last = supervisor.ledger.lastSequence
        responder.reply(SubscribeEvents.Reply(last: last))
        responder.connection.subscribe(after: request.since ?? last)
    }
}
