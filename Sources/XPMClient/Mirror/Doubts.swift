import XPMProtocol

/// The services that were added or removed since a question was asked: what the answer says of them may be older than that.
///
/// Neither an addition nor a removal has a revision, so that an answer and such an event cannot be told apart by what they say. Which of
/// both is newer does not matter either, if the service is asked for once more.
struct Doubts: Sendable {
    private var moments: [ServiceIdentity: Int64] = [:]
    private var queue: [(moment: Int64, service: ServiceIdentity)] = []
    private var first = 0

    /// `service` was added or removed at `moment`, a later one than all before.
    mutating func note(_ service: ServiceIdentity, at moment: Int64) {
        moments[service] = moment
        queue.append((moment, service))
    }

    /// Whether what was asked at `moment` may know less of `service` than its events do.
    func concern(_ service: ServiceIdentity, askedAt moment: Int64) -> Bool {
        moments[service].map { $0 > moment } ?? false
    }

    /// No question is open any more that was asked before `moment`; nil where none is open.
    mutating func forget(before moment: Int64?) {
        guard let moment else {
            self = Doubts()
            return
        }
        while first < queue.count, queue[first].moment < moment {
            if moments[queue[first].service] == queue[first].moment { moments[queue[first].service] = nil }
            first += 1
        }
        // Moving the rest only when it is the smaller part keeps the cost of an event constant.
        guard first > queue.count / 2 else { return }
        queue.removeSubrange(..<first)
        first = 0
    }

    /// How many are kept.
    var count: Int { queue.count - first }
}
