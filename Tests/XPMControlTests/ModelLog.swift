import NIOCore

@testable import XPMControl

/// A durable log whose reads end only when the test lets them.
final class ModelLog: EventSource {
    private(set) var lastSequence: Int64 = 0
    private var waiting: [(cursor: Int64, then: ([FeedItem]) -> Void)] = []
    private let page: Int64

    init(page: Int64) { self.page = page }

    var hasReads: Bool { !waiting.isEmpty }

    /// Makes events durable; they are then to be published.
    func append(_ count: Int64) -> [FeedItem] {
        lastSequence += count
        return items(after: lastSequence - count, upTo: lastSequence)
    }

    func read(after cursor: Int64, then: @escaping ([FeedItem]) -> Void) { waiting.append((cursor, then)) }

    /// Ends one read with what is in the log by now.
    func finishRead(at index: Int) {
        let read = waiting.remove(at: index)
        read.then(items(after: read.cursor, upTo: min(lastSequence, read.cursor + page)))
    }

    var readCount: Int { waiting.count }

    private func items(after cursor: Int64, upTo last: Int64) -> [FeedItem] {
        guard cursor < last else { return [] }
        return (cursor + 1...last).map { FeedItem(sequence: $0, payload: "\($0)".utf8) }
    }
}

/// A client that reads when it likes.
final class ModelSubscriber: FeedSubscriber {
    let start: Int64
    var isReading = true
    /// How many it takes before it reads no more.
    var appetite = Int.max
    var wantsEvents: Bool {
        get { isReading && received.count < appetite }
        set { isReading = newValue }
    }
    private(set) var received: [Int64] = []

    init(after start: Int64) { self.start = start }

    func send(_ item: FeedItem) { received.append(Int64(String(decoding: item.payload, as: UTF8.self)) ?? -1) }

    /// Everything since it came, once and in order.
    func isComplete(upTo last: Int64) -> Bool { received == (start < last ? Array(start + 1...last) : []) }

    /// What it has so far has neither hole nor repetition.
    var isInOrder: Bool { received == received.indices.map { start + 1 + Int64($0) } }
}
