import XPMControl
import XPMProtocol

extension Daemon {
    func subscribeEvents(_ request: SubscribeEvents, _ responder: Responder) throws(WireError) {
        let last = supervisor.ledger.lastSequence
        try Self.check(request.since, last)
        responder.reply(SubscribeEvents.Reply(last: last))
        responder.connection.subscribe(after: request.since ?? last)
    }
}
