/// Which row of a list is highlighted, told by what the row is and not by where it stands.
///
/// Where its row goes, nothing is highlighted, so that a key that was meant for it meets nothing else; moving goes on from there.
struct Cursor<ID: Hashable & Sendable>: Hashable, Sendable {
    private(set) var selected: ID?
    /// Where the highlighted row was when it went.
    private(set) var gap: Int?
    /// The first row that is shown.
    private(set) var top = 0

    mutating func select(_ id: ID) { (selected, gap) = (id, nil) }

    /// Its row is gone, which stood at `index`.
    mutating func lose(at index: Int) { (selected, gap) = (nil, index) }

    mutating func reset() { self = Cursor() }

    /// The row to go to from `index`, that of the selected one; nil where there is none.
    func target(of move: Move, from index: Int?, count: Int, page: Int) -> Int? {
        guard count > 0 else { return nil }
        // Behind a gap the next one down is the row that stands there now.
        let (here, below) = (index ?? gap ?? 0, index == nil && gap != nil ? 0 : 1)
        guard index != nil || gap != nil else { return move == .last ? count - 1 : 0 }
        let target: Int =
            switch move {
            case .up: here - 1
            case .down: here + below
            case .pageUp: here - page
            case .pageDown: here + page
            case .first: 0
            case .last: count - 1
            }
        return min(max(0, target), count - 1)
    }

    /// Sees to it that the highlighted row is among the `height` that are shown of `count`.
    mutating func reveal(_ index: Int?, count: Int, height: Int) {
        if let place = index ?? gap {
            if place < top { top = place }
            if place >= top + height { top = place - height + 1 }
        }
        top = max(0, min(top, count - height))
    }
}

/// Where to go in a list.
enum Move: Hashable, Sendable { case up, down, pageUp, pageDown, first, last }
