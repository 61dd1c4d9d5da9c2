import NIOCore

/// The last events of the log without a hole, as far as little memory is enough for them.
struct RecentEvents {
    private static let (countLimit, byteLimit) = (1024, 256 << 10)

    private var items = CircularBuffer<FeedItem>()
    private var bytes = 0

    mutating func append(_ new: [FeedItem]) {
        for item in new {
            if let last = items.last, item.sequence != last.sequence + 1 { removeAll() }
            items.append(item)
            bytes += item.frame.readableBytes
        }
        while items.count > Self.countLimit || bytes > Self.byteLimit, let old = items.popFirst() {
            bytes -= old.frame.readableBytes
        }
    }

    mutating func removeAll() {
        items.removeAll()
        bytes = 0
    }

    /// The events that follow `cursor`, at most `limit`; nil where the first one is not among them.
    func items(after cursor: Int64, limit: Int) -> CircularBuffer<FeedItem>.SubSequence? {
        guard let first = items.first, let last = items.last, cursor >= first.sequence - 1, cursor < last.sequence
        else { return nil }
        return items.dropFirst(Int(cursor + 1 - first.sequence)).prefix(limit)
    }
}
