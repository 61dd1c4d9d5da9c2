import Logging
import NIOCore
import XPMProtocol

/// How many connections are found in one search, and how long after one that has found fewer none is made.
private let (searchLimit, searchPause) = (64, TimeAmount.milliseconds(100))

/// Who gets in where not everybody can.
extension ControlServer {
    /// What becomes of one more connection.
    enum Admission {
        case served
        /// It is told why as soon as it says something.
        case refused(WireError)
        /// It is told at once: there are too many to be waited for.
        case turnedAway
    }

    func admit() -> Admission {
        let share = share()
        guard connections.count >= share.connections else {
            isFull = false
            return .served
        }
        let hasRoom = makeRoom()
        guard connections.count < share.connections + share.refusals else { return .turnedAway }
        if hasRoom { return .served }
        if !isFull { logger.warning("refusing connections: \(connections.count) are open and in use") }
        isFull = true
        return .refused(refusal)
    }

    /// Why somebody is not served.
    var refusal: WireError {
        let limit = share().connections
        return WireError(
            .tooManyConnections,
            connections.count >= limit
                ? "cannot accept another connection: \(limit) are open and in use"
                : "cannot accept another connection: xpmd has no descriptors left",
            data: ["limit": .integer(Int64(limit))])
    }

    /// The same as a frame without a request.
    var refusalFrame: [UInt8] {
        // Nothing in it is a number that JSON lacks.
        Frame.encode((try? Wire.encode(Response<Empty>(id: nil, error: refusal))) ?? [])
    }

    /// Begins to close the connection that can be spared best; false where none can.
    func makeRoom() -> Bool {
        if spareable.isEmpty { search() }
        while let (connection, idleSince) = spareable.popLast() {
            guard connection.idleSince == idleSince, connection.canBeSpared else { continue }
            let word =
                connection.isGreeted
                ? "cannot keep the connection open: it is idle, and others need its place"
                : "cannot wait longer for hello: others need the place of this connection"
            connection.retire(
                with: WireError(
                    .tooManyConnections, word, data: ["limit": .integer(Int64(share().connections))]))
            return true
        }
        return false
    }

    /// Looks for those that can be spared: first strangers, who have not said hello, then those who have been idle the longest.
    private func search() {
        let now = loop.now
        guard now >= nextSearch else { return }
        let found = connections.values
            .filter { $0.idleSince + patience <= now && $0.canBeSpared }
            .sorted { ($0.isGreeted ? 1 : 0, $0.idleSince) < ($1.isGreeted ? 1 : 0, $1.idleSince) }
            .prefix(searchLimit)
        spareable = found.reversed().map { ($0, $0.idleSince) }
        if found.count < searchLimit { nextSearch = now + searchPause }
    }
}
