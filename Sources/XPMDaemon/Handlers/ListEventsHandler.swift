import NIOCore
import XPMControl
import XPMProtocol

extension Daemon {
    func listEvents(_ request: ListEvents, _ responder: Responder) throws(WireError) {
        let limit = request.limit ?? ListEvents.usualLimit
        guard (1...ListEvents.mostEvents).contains(limit) else {
            throw WireError(
                .invalidParameters, "cannot list \(limit) events at once: it must be 1 to \(ListEvents.mostEvents)")
        }
        let last = supervisor.ledger.lastSequence
        try Self.check(request.since, last)
        let owner = try request.service.map { (service) throws(WireError) in
            try supervisor.registry.resolve(service).key
        }
        let span = EventLog.Span(
            after: request.since ?? 0, upTo: min(last, (request.before ?? .max).clampedDifference(1)), owner: owner)
        responder.holdOthers(for: Supervisor.orderTime)
        responder.withRoom(for: EventLog.pageBytes) { [log] in
            log.list(span, limit: limit) { result in
                switch result {
                case .failure(let fault): responder.fail(fault.asWireError)
                case .success(let page):
                    responder.reply(room: page.events.count + 64) { reply in
                        reply.writeString(page.before.map { "{\"before\":\($0),\"events\":[" } ?? "{\"events\":[")
                        reply.writeBytes(page.events)
                        reply.writeString("],\"last\":\(last)}")
                    }
                }
            }
        }
    }

    /// A number behind the last event is of another log.
    static func check(_ since: Int64?, _ last: Int64) throws(WireError) {
        guard let since, since < 0 || since > last else { return }
        throw WireError(
            .invalidParameters,
            "cannot send the events after \(since): the last one is \(last); does \(since) come from another state folder?"
        )
    }
}
