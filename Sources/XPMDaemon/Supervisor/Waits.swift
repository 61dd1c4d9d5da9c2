import XPMControl
import XPMProtocol

/// How many requests wait for something to happen: by `service.wait`, `stray.stop`, and `service.logs` with `wait_s`.
final class Waits {
    /// The most on one connection, and in all.
    var limits = (connection: 10_000, all: 40_000)
    /// Those that wait, by their connections.
    private var open: [ObjectIdentifier: [ObjectIdentifier: Wait]] = [:]
    private(set) var count = 0
    /// How often it was looked whether one is over, for tests.
    var looks = 0

    /// One request that waits.
    final class Wait {
        fileprivate let connection: ObjectIdentifier
        fileprivate let abandoned: () -> Void
        private weak var waits: Waits?

        fileprivate init(_ waits: Waits, on connection: ObjectIdentifier, abandoned: @escaping () -> Void) {
            self.waits = waits
            self.connection = connection
            self.abandoned = abandoned
        }

        /// It is being answered.
        func end() { waits?.end(self) }
    }

    /// Takes in a request, until its end; `abandoned` is called where its connection ends before. Refused where too many wait.
    func begin(_ responder: Responder, abandoned: @escaping () -> Void = {}) throws(WireError) -> Wait {
        guard !responder.connection.isClosed else {
            throw WireError(.connectionLost, "cannot wait: the client disconnected")
        }
        let connection = ObjectIdentifier(responder.connection)
        guard open[connection, default: [:]].count < limits.connection else {
            throw Self.refusal(limits.connection, "on this connection")
        }
        guard count < limits.all else { throw Self.refusal(limits.all, "for xpmd") }
        if open[connection] == nil { responder.connection.whenClosed { [weak self] in self?.drop(connection) } }
        let wait = Wait(self, on: connection, abandoned: abandoned)
        open[connection, default: [:]][ObjectIdentifier(wait)] = wait
        count += 1
        // What it waits for may be the doing of the next request.
        responder.standAside()
        return wait
    }

    private func end(_ wait: Wait) {
        if open[wait.connection]?.removeValue(forKey: ObjectIdentifier(wait)) != nil { count -= 1 }
    }

    private func drop(_ connection: ObjectIdentifier) {
        let waits = open.removeValue(forKey: connection) ?? [:]
        count -= waits.count
        for wait in waits.values { wait.abandoned() }
    }

    private static func refusal(_ limit: Int, _ place: String) -> WireError {
        WireError(
            .tooManyRequests, "cannot wait: \(limit) requests are waiting \(place) already",
            data: ["limit": .integer(Int64(limit))])
    }
}
