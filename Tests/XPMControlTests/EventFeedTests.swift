import NIOCore
import Testing

@testable import XPMControl

@Suite struct EventFeedTests {
    private let log = ModelLog(page: 3)
    private let feed: EventFeed

    init() { feed = EventFeed(source: log) }

    private func publish(_ count: Int64) { for item in log.append(count) { feed.publish(item) } }

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

    /// Publishing, reading, stalling, coming and going in any order.
    @Test(arguments: 0..<40)
    func anyInterleavingDeliversEverythingOnceAndInOrder(index: Int) {
        let seed = RandomSource.seed &+ UInt64(index)
        var random = RandomSource(seed: seed)
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
