import XPMProtocol

/// What there is already of the logs of several services, printed in the order in which it arrived. Of one service the order is never
/// changed, and no more than a page of each is kept.
struct LogBacklog {
    private struct Head {
        var time: Int64
        var index: Int

        func precedes(_ other: Head) -> Bool { (time, index) < (other.time, other.index) }
    }

    private let feeds: [PageFeed]
    /// Asks for the next page of a feed, by its place; nil where that failed.
    private let next: (Int) -> ServiceLogs.Page?
    /// The feeds that have something, as a heap: no head precedes that at half its place.
    private var heads: [Head] = []

    init(_ feeds: [PageFeed], next: @escaping (Int) -> ServiceLogs.Page?) {
        self.feeds = feeds
        self.next = next
    }

    /// Prints all that there is now.
    mutating func print() throws {
        for index in feeds.indices { try push(index) }
        while let first = heads.first {
            // Up to where another one is next: few heads are compared where services take turns seldom.
            let limit = heads.dropFirst().prefix(2).map(\.time).min() ?? .max
            try feeds[first.index].printNext(until: limit)
            pop()
            try push(first.index)
        }
    }

    /// Looks what is next of a feed.
    private mutating func push(_ index: Int) throws {
        let feed = feeds[index]
        while feed.head == nil, feed.hasMore {
            guard let page = next(index) else { return }
            try feed.turn(to: page)
        }
        guard let time = feed.head else { return }
        heads.append(Head(time: time, index: index))
        var place = heads.count - 1
        while place > 0, heads[place].precedes(heads[(place - 1) / 2]) {
            heads.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func pop() {
        heads.swapAt(0, heads.count - 1)
        heads.removeLast()
        var place = 0
        while true {
            let least = [2 * place + 1, 2 * place + 2].filter { $0 < heads.count }.reduce(place) {
                heads[$1].precedes(heads[$0]) ? $1 : $0
            }
            guard least != place else { return }
            heads.swapAt(place, least)
            place = least
        }
    }
}
