import XPMProtocol

/// What has changed, in the order of the last change of each: a view is a position in it, and what it has not seen is behind that.
///
/// However often something changes, it is here once, so that the log is bounded by what there is, and a view that reads slowly costs nothing
/// and gets each thing as it is by then. Only what was removed is kept for its own sake: the last `mostRemoved` of these. A view whose
/// position is before the floor, where older ones were forgotten, begins anew.
struct LiveLog {
    static let mostRemoved = 4096

    /// What changes.
    enum Key: Hashable {
        case service(ServiceIdentity)
        case run(RunIdentity)
        case connection
    }

    /// One thing behind a position.
    enum Entry: Equatable {
        case changed(Key)
        case removed(Key)
    }

    /// The position of who has seen everything.
    private(set) var end = 0
    /// The position from which on nothing is forgotten.
    private(set) var floor = 0
    private var positions: [Key: Int] = [:]
    /// Those of `positions` in their order, and ones that were true once.
    private var changed: [(position: Int, key: Key)] = []
    private var removed: [(position: Int, key: Key)] = []

    /// How many entries are kept, those that count for nothing any more included.
    var count: Int { changed.count + removed.count }

    /// Something is new or has changed.
    mutating func note(_ key: Key) {
        end += 1
        positions[key] = end
        changed.append((end, key))
        if changed.count > 2 * positions.count + 256 { changed.removeAll { positions[$0.key] != $0.position } }
    }

    /// Something is no more.
    mutating func remove(_ key: Key) {
        guard positions.removeValue(forKey: key) != nil else { return }
        end += 1
        removed.append((end, key))
        guard removed.count > 2 * Self.mostRemoved else { return }
        removed.removeFirst(Self.mostRemoved)
        floor = removed[0].position - 1
    }

    /// What comes next behind a position, and the position behind that; nil where nothing does.
    func next(after position: Int) -> (position: Int, entry: Entry)? {
        let change = Self.first(changed, after: position) { positions[$0.key] == $0.position }
        let removal = Self.first(removed, after: position) { positions[$0.key] == nil }
        switch (change, removal) {
        case (let change?, let removal?) where removal.position < change.position:
            return (removal.position, .removed(removal.key))
        case (let change?, _): return (change.position, .changed(change.key))
        case (nil, let removal?): return (removal.position, .removed(removal.key))
        case (nil, nil): return nil
        }
    }

    private static func first(
        _ entries: [(position: Int, key: Key)], after position: Int, where counts: ((position: Int, key: Key)) -> Bool
    ) -> (position: Int, key: Key)? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].position > position { high = middle } else { low = middle + 1 }
        }
        while low < entries.count {
            if counts(entries[low]) { return entries[low] }
            low += 1
        }
        return nil
    }
}
