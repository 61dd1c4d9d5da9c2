import NIOCore
import NIOEmbedded
import SeededRandom
import Testing

@testable import XPMControl

@Suite struct EventFeedTests {
    private let log = ModelLog(page: 3)
    private let feed: EventFeed

    init() { feed = EventFeed(source: log) }

    private func publish(_ count: Int64) { feed.publish(log.append(count)) }

    private func finishReads() { while log.hasReads { log.finishRead(at: 0) } }

    @Test func subscriberThatKeepsUpNeedsNoRead() {
        let subscriber = ModelSubscriber(after: 0)
        feed.subscribe(subscriber, after: 0)
        publish(5)
        #expect(subscriber.isComplete(upTo: 5))
        #expect(!log.hasReads)
    }

    @Test func lateSubscriberGetsWhatItMissedThenWhatComes() {
        publish(7)
        let subscriber = ModelSubscriber(after: 2)
        feed.subscribe(subscriber, after: 2)
        publish(1)
        #expect(subscriber.received.isEmpty)
        finishReads()
        publish(1)
        #expect(subscriber.isComplete(upTo: 9))
    }

    @Test func subscriberThatDoesNotReadHoldsUpNobodyAndLosesNothing() {
        let (slow, quick) = (ModelSubscriber(after: 0), ModelSubscriber(after: 0))
        slow.wantsEvents = false
        feed.subscribe(slow, after: 0)
        feed.subscribe(quick, after: 0)
        publish(10)
        #expect(quick.isComplete(upTo: 10))
        #expect(slow.received.isEmpty)
        #expect(!log.hasReads)
        slow.wantsEvents = true
        feed.resume(slow)
        finishReads()
        #expect(slow.isComplete(upTo: 10))
    }

    @Test func readThatEndsAfterItsSubscriberLeftSendsNothing() {
        publish(4)
        let subscriber = ModelSubscriber(after: 0)
        feed.subscribe(subscriber, after: 0)
        feed.unsubscribe(subscriber)
        finishReads()
        #expect(subscriber.received.isEmpty)
    }

    @Test func subscribingAgainBeginsAtTheNewPlaceOnly() {
        publish(4)
        let subscriber = ModelSubscriber(after: 3)
        feed.subscribe(subscriber, after: 0)
        feed.subscribe(subscriber, after: 3)
        finishReads()
        #expect(subscriber.isComplete(upTo: 4))
    }

    @Test func manySubscribersAreServedInSlices() {
        let loop = EmbeddedEventLoop()
        let feed = EventFeed(source: log, rotation: Rotation(loop: loop))
        let subscribers = (0..<1_000).map { _ in ModelSubscriber(after: 0) }
        for subscriber in subscribers { feed.subscribe(subscriber, after: 0) }
        feed.publish(log.append(4))
        let atOnce = subscribers.reduce(0) { $0 + $1.received.count }
        #expect(atOnce > 0 && atOnce <= 160)
        loop.advanceTime(by: .milliseconds(100))
        #expect(subscribers.allSatisfy { $0.isComplete(upTo: 4) })
        #expect(!log.hasReads)
    }

    @Test func fewPiecesOfTheLogAreReadAtOnce() {
        publish(5)
        let subscribers = (0..<40).map { _ in ModelSubscriber(after: 0) }
        for subscriber in subscribers { feed.subscribe(subscriber, after: 0) }
        #expect(log.readCount == 8)
        finishReads()
        #expect(subscribers.allSatisfy { $0.isComplete(upTo: 5) })
    }

    /// However often a client asks, one piece at a time is read for it.
    @Test func whoSubscribesOverAndOverHasOnePieceRead() {
        publish(5)
        let subscriber = ModelSubscriber(after: 0)
        for _ in 0..<100 { feed.subscribe(subscriber, after: 0) }
        #expect(log.readCount == 1)
        finishReads()
        #expect(subscriber.isComplete(upTo: 5))
    }

    @Test func aPieceThatWasReadIsSentInSlices() {
        let (loop, log) = (EmbeddedEventLoop(), ModelLog(page: 1_000))
        let feed = EventFeed(source: log, rotation: Rotation(loop: loop))
        feed.publish(log.append(1_000))
        let subscribers = (0..<4).map { _ in ModelSubscriber(after: 0) }
        for subscriber in subscribers { feed.subscribe(subscriber, after: 0) }
        while log.hasReads { log.finishRead(at: 0) }
        let atOnce = subscribers.reduce(0) { $0 + $1.received.count }
        #expect(atOnce > 0 && atOnce <= 160)
        loop.advanceTime(by: .milliseconds(100))
        #expect(subscribers.allSatisfy { $0.isComplete(upTo: 1_000) })
    }

    /// What was read and is not sent yet is memory, too.
    @Test func piecesThatAreNotSentYetCountAsBeingRead() {
        let (loop, log) = (EmbeddedEventLoop(), ModelLog(page: 1_000))
        let feed = EventFeed(source: log, rotation: Rotation(loop: loop))
        feed.publish(log.append(1_000))
        let subscribers = (0..<40).map { _ in ModelSubscriber(after: 0) }
        for subscriber in subscribers { feed.subscribe(subscriber, after: 0) }
        loop.advanceTime(by: .milliseconds(100))
        #expect(log.readCount == 8)
        for left in (0..<8).reversed() {
            log.finishRead(at: 0)
            #expect(log.readCount == left)
        }
        // Those that leave, or read no more, make room.
        feed.unsubscribe(subscribers[0])
        subscribers[1].wantsEvents = false
        repeat {
            loop.advanceTime(by: .milliseconds(100))
            #expect(log.readCount <= 8)
            if log.hasReads { log.finishRead(at: 0) }
        } while log.hasReads
        loop.advanceTime(by: .milliseconds(100))
        #expect(subscribers[2...].allSatisfy { $0.isComplete(upTo: 1_000) })
    }

    @Test func subscriberThatStopsReadingGetsNoMoreOfAPiece() {
        publish(3)
        let subscriber = ModelSubscriber(after: 0)
        subscriber.appetite = 2
        feed.subscribe(subscriber, after: 0)
        finishReads()
        #expect(subscriber.received == [1, 2])
        publish(1)
        subscriber.appetite = .max
        feed.resume(subscriber)
        finishReads()
        #expect(subscriber.isComplete(upTo: 4))
    }

    @Test func lastEventsAreKeptWithinBounds() {
        var recent = RecentEvents()
        let large = Array(repeating: UInt8(ascii: "x"), count: 1 << 10)
        recent.append((1...10_000).map { FeedItem(sequence: $0, payload: large) })
        #expect(recent.items(after: 9_000, limit: 10) == nil)
        #expect(recent.items(after: 9_900, limit: 10)?.map(\.sequence) == Array(9_901...9_910))
        #expect(recent.items(after: 10_000, limit: 10) == nil)
        // What is missing between is in the log.
        recent.append([FeedItem(sequence: 10_002, payload: large)])
        #expect(recent.items(after: 9_999, limit: 10) == nil)
        #expect(recent.items(after: 10_001, limit: 10)?.map(\.sequence) == [10_002])
    }

    /// Publishing, reading, stalling, coming and going in any order.
    @Test(arguments: 0..<40)
    func anyInterleavingDeliversEverythingOnceAndInOrder(index: Int) {
        let seed = SeededRandom.seed &+ UInt64(index)
        var random = SeededRandom(seed: seed)
        var present: [ModelSubscriber] = []
        for _ in 0..<2_000 {
            switch random.next() % 10 {
            case 0, 1, 2: publish(Int64(random.next() % 4) + 1)
            case 3, 4, 5: if log.hasReads { log.finishRead(at: Int(random.next() % UInt64(log.readCount))) }
            case 6 where present.count < 6:
                let start = Int64(random.next() % UInt64(log.lastSequence + 1))
                let subscriber = ModelSubscriber(after: start)
                subscriber.wantsEvents = !random.oneIn(3)
                present.append(subscriber)
                feed.subscribe(subscriber, after: start)
            case 6, 7:
                guard let subscriber = present.randomElement(using: &random) else { continue }
                subscriber.wantsEvents.toggle()
                if subscriber.wantsEvents { feed.resume(subscriber) }
            case 8: if let subscriber = present.randomElement(using: &random) { feed.resume(subscriber) }
            default:
                guard random.oneIn(8), let place = present.indices.randomElement(using: &random) else { continue }
                let leaver = present.remove(at: place)
                feed.unsubscribe(leaver)
                #expect(leaver.isInOrder, "XPM_TEST_SEED=\(seed)")
            }
        }
        for subscriber in present {
            subscriber.wantsEvents = true
            feed.resume(subscriber)
        }
        finishReads()
        for subscriber in present {
            #expect(subscriber.isComplete(upTo: log.lastSequence), "XPM_TEST_SEED=\(seed)")
        }
    }
}
