/// Connections in the order in which they have joined: the first one is the oldest.
final class Lineup {
    fileprivate(set) unowned(unsafe) var first: ClientConnection?
    fileprivate unowned(unsafe) var last: ClientConnection?
    fileprivate(set) var count = 0
}

/// A connection's place in a lineup: it is in one at most, and leaves it before it is gone.
struct LineupPlace {
    fileprivate unowned(unsafe) var lineup: Lineup?
    fileprivate unowned(unsafe) var previous: ClientConnection?
    fileprivate unowned(unsafe) var next: ClientConnection?
}

extension ClientConnection {
    /// Goes to the end of a lineup, unless it is in there already.
    func join(_ lineup: Lineup) {
        guard place.lineup !== lineup else { return }
        leaveLineup()
        place.lineup = lineup
        place.previous = lineup.last
        if let last = lineup.last { last.place.next = self } else { lineup.first = self }
        lineup.last = self
        lineup.count += 1
    }

    func leaveLineup() {
        guard let lineup = place.lineup else { return }
        if let previous = place.previous { previous.place.next = place.next } else { lineup.first = place.next }
        if let next = place.next { next.place.previous = place.previous } else { lineup.last = place.previous }
        lineup.count -= 1
        place = LineupPlace()
    }
}
