import HeapModule
import XPMProtocol

/// What there is already of the logs of several services, printed in the order in which it arrived. Of one service the order is never
/// changed, and no more than a page of each is kept.
struct LogBacklog {
    private struct Head: Comparable {
        var time: Int64
        var index: Int

        static func < (one: Head, other: Head) -> Bool { (one.time, one.index) < (other.time, other.index) }
    }

    private let feeds: [PageFeed]
    /// Asks for the next page of a feed, by its place; nil where that failed.
    private let next: (Int) -> ServiceLogs.Page?
    /// The feeds that have something.
    private var heads = Heap<Head>()

    init(_ feeds: [PageFeed], next: @escaping (Int) -> ServiceLogs.Page?) {
        self.feeds = feeds
        self.next = next
    }

    /// Prints all that there is now.
    mutating func print() throws {
        for index in feeds.indices { try push(index) }
        while let first = heads.popMin() {
            // Up to where another one is next: few heads are compared where services take turns seldom.
            try feeds[first.index].printNext(until: heads.min?.time ?? .max)
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
        heads.insert(Head(time: time, index: index))
    }
}
