import XPMLogs

/// Streams that the logger has no room for: nothing of them is lost, for the keeper has their pipes.
extension Keeper {
    /// The logger has not taken a stream.
    func refused(_ number: UInt64, _ code: LoggerMessage.Refusal, _ reason: String) {
        guard code == .resources, streams[number] != nil else { return note(number, "cannot be written: \(reason)") }
        streams.refused(number)
        if refusals.add(number) { note(number, "is not read yet, and its service may have to wait: \(reason)") }
    }

    /// The logger reads a stream.
    func taken(_ number: UInt64) {
        if refusals.remove(number) { note(number, "is read now") }
    }

    /// Whether an older stream of the same log has to be read before.
    func waitsForOlder(_ stream: LogStream) -> Bool {
        guard !refusals.isEmpty else { return false }
        let waits = refusals.inOrder.contains { $0 < stream.number && streams[$0]?.path == stream.path }
        if waits { _ = refusals.add(stream.number) }
        return waits
    }

    /// There is room for one more stream.
    func offerNext() {
        guard let next = refusals.inOrder.first(where: { streams[$0]?.isTaken == false }) else { return }
        offer([next])
    }

    /// Some time has passed.
    func offerAgain() {
        refusals.offered()
        offer(refusals.inOrder)
    }

    private func offer(_ numbers: [UInt64]) {
        guard case .connected(let client) = logger.step else { return }
        for number in numbers {
            guard let stream = streams[number], !stream.isTaken else { continue }
            send(stream, to: client)
            if logger.client !== client { return }
        }
    }
}
