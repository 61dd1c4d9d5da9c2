import XPMClient
import XPMHTTP
import XPMProtocol

/// One client of `GET /api/v1/events`: xpmd's log, passed on as fast as the client reads.
final class EventStreaming {
    /// Streams at once: each has a connection to xpmd.
    static let most = 64

    private let events: DaemonEvents
    private let stream: any ResponseStream
    private let service: ServiceReference?
    /// Whether the client has been told less than was seen, for its filter.
    private var isBehind = false

    /// A subscription that was made, on a stream that was begun.
    init(_ events: DaemonEvents, _ stream: any ResponseStream, service: ServiceReference?, ended: @escaping () -> Void)
    {
        (self.events, self.stream, self.service) = (events, stream, service)
        events.event = { [weak self] bytes, sequence in self?.pass(bytes, sequence) }
        events.ended = { [weak self] _ in
            // Whoever comes back with a number of another log is told so.
            self?.stream.finish()
            ended()
        }
        stream.watch(room: { [weak self] in self?.events.isPaused = false }) { [weak self] in
            self?.events.cancel()
            ended()
        }
        // A position at once, so that a client that saw no event yet goes on from here.
        stream.write(Array("retry: 1000\n".utf8) + ServerSentEvent.position(String(events.position)))
        rest()
    }

    /// Shows that it lives.
    func beat() {
        guard stream.hasRoom else { return }
        stream.write(isBehind ? ServerSentEvent.position(String(events.position)) : ServerSentEvent.comment)
        isBehind = false
    }

    private func pass(_ bytes: [UInt8], _ sequence: Int64) {
        guard isMeant(bytes) else {
            isBehind = true
            return
        }
        isBehind = false
        stream.write(ServerSentEvent.bytes(id: String(sequence), data: bytes))
        rest()
    }

    /// Waits until the client has read.
    private func rest() { if !stream.hasRoom { events.isPaused = true } }

    private func isMeant(_ bytes: [UInt8]) -> Bool {
        guard let service else { return true }
        guard let event = try? Wire.decode(EventRecord.self, from: bytes) else { return true }
        // What is missing may have been of this service.
        return event.kind == .gap || event.service.map(service.matches) ?? false
    }
}

extension API {
    /// `GET /api/v1/events`.
    func openEvents(_ exchange: Exchange, _ query: APIQuery) throws(WireError) {
        let since = try (exchange.lastEventID ?? query["since"]).map { (text) throws(WireError) in
            try APIQuery.position("since", text)
        }
        let service = try query["service"].map { (text) throws(WireError) in try ServiceReference(parsing: text) }
        guard let link = parts.link, eventStreams.count + pendingEvents.count < EventStreaming.most else {
            return exchange.answer(APIAnswer.refusal(503, code: "too_many_streams", "cannot open another stream"))
        }
        let events = DaemonEvents(link, since: since, loop: parts.loop)
        let key = ObjectIdentifier(events)
        pendingEvents[key] = events
        exchange.whenAborted { [weak self] in self?.pendingEvents.removeValue(forKey: key)?.cancel() }
        events.start { [weak self] result in
            guard let self, pendingEvents.removeValue(forKey: key) != nil else { return }
            if case .failure(let error) = result { return exchange.answer(APIAnswer.refusal(error)) }
            guard exchange.head.method == .get else {
                events.cancel()
                return exchange.answer(Answer(200, APIAnswer.stream.fields))
            }
            let stream = exchange.stream(APIAnswer.stream)
            let streaming = EventStreaming(events, stream, service: service) { [weak self] in
                if let ended = self?.eventStreams.removeValue(forKey: key) { self?.pulse.remove(ended) }
            }
            eventStreams[key] = streaming
            pulse.add(streaming) { [weak streaming] in streaming?.beat() }
        }
    }
}
