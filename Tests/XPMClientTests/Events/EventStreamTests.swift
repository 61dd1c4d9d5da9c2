import ScriptedDaemon
import Synchronization
import Testing
import XPMProtocol

@testable import XPMClient

struct EventStreamTests {
    private static let log = (Int64(1)...5).map { Samples.change($0, .stopped, .starting, cause: "cause \($0)") }

    /// What a daemon sends for a subscription: the reply, then the log behind `since`.
    private static func answer(_ call: ScriptedDaemon.Call) -> [UInt8] {
        let since = (try? call.parameters(SubscribeEvents.self).since) ?? 0
        return ScriptedDaemon.frame(call.id, "result", SubscribeEvents.Reply(last: 5))
            + log.filter { $0.sequence > since }.flatMap {
                Frame.encode((try? Wire.encode(EventNotification($0))) ?? [])
            }
    }

    private static func stream(_ fixture: Fixture, since: Int64?) -> EventStream {
        EventStream(since: since, backoff: Backoff(shortest: .zero)) { [places = fixture.places] () throws(WireError) in
            try Connection(socket: places.socket, client: "test")
        }
    }

    private static func read(_ count: Int, of stream: EventStream) async throws -> [Int64] {
        try await within(what: "\(count) events") {
            var seen: [Int64] = []
            for try await event in stream {
                seen.append(event.sequence)
                if seen.count == count { break }
            }
            return seen
        }
    }

    @Test func theWholeLogComesInOrder() async throws {
        try await Fixture.with({ [.bytes(Self.answer($0))] }) { (fixture: Fixture) async throws in
            #expect(try await Self.read(5, of: fixture.client.events(since: 0)) == [1, 2, 3, 4, 5])
            #expect(try await Self.read(2, of: fixture.client.events(since: 3)) == [4, 5])
        }
    }

    /// The first connection breaks behind every possible byte; the second one is whole.
    @Test func nothingIsLostOrRepeatedWhereverTheConnectionBreaks() async throws {
        let cut = Atomic<Int>(-1)
        try await Fixture.with({ call in
            let bytes = Self.answer(call)
            let end = cut.exchange(-1, ordering: .sequentiallyConsistent)
            return end < 0 ? [.bytes(bytes)] : [.bytes(Array(bytes.prefix(end))), .drop]
        }) { (fixture: Fixture) async throws in
            // Behind the first subscription's reply: before it there is nothing to go on with, and the failure is the caller's.
            let reply = ScriptedDaemon.frame(.integer(2), "result", SubscribeEvents.Reply(last: 5)).count
            let whole =
                reply
                + Self.log.reduce(0) { $0 + Frame.headerSize + ((try? Wire.encode(EventNotification($1)))?.count ?? 0) }
            for end in reply...whole {
                cut.store(end, ordering: .sequentiallyConsistent)
                let seen = try await Self.read(5, of: Self.stream(fixture, since: 0))
                try #require(seen == [1, 2, 3, 4, 5], "broken behind byte \(end)")
            }
        }
    }

    @Test func aDaemonThatIsAwayIsWaitedFor() async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let socket = scratch("xpmd.sock")
        let first = try ScriptedDaemon(socket: socket) { call in [.bytes(Self.answer(call)), .dropAll] }
        let stream = EventStream(since: 0, backoff: Backoff(shortest: .milliseconds(1))) { () throws(WireError) in
            try Connection(socket: socket, client: "test")
        }
        var iterator = stream.makeAsyncIterator()
        for expected in Int64(1)...5 { #expect(try await iterator.next()?.sequence == expected) }
        first.stop()
        let news = Samples.change(6, .starting, .running)
        let second = try ScriptedDaemon(socket: socket) { _ in [.reply(SubscribeEvents.Reply(last: 6)), .event(news)] }
        defer { second.stop() }
        #expect(try await iterator.next() == news)
        #expect(try second.calls.first?.parameters(SubscribeEvents.self).since == 5)
    }

    @Test func newsAloneGoOnFromWhereTheyBegan() async throws {
        let isFirst = Atomic(true)
        try await Fixture.with({ call in
            // The connection breaks before any news: what happens before the next one must not be lost.
            isFirst.exchange(false, ordering: .sequentiallyConsistent)
                ? [.reply(SubscribeEvents.Reply(last: 3)), .drop] : [.bytes(Self.answer(call))]
        }) { (fixture: Fixture) async throws in
            #expect(try await Self.read(2, of: Self.stream(fixture, since: nil)) == [4, 5])
            #expect(try fixture.daemon.calls.map { try $0.parameters(SubscribeEvents.self).since } == [nil, 3])
        }
    }

    @Test func aGapIsAnElement() async throws {
        var gap = EventRecord(sequence: 9, at: Samples.moment, kind: .gap)
        (gap.from, gap.to) = (1, 9)
        let events = [gap, Samples.change(10, .stopped, .starting)]
        try await Fixture.with({ _ in [.reply(SubscribeEvents.Reply(last: 10))] + events.map { .event($0) } }) {
            (fixture: Fixture) async throws in
            var iterator = fixture.client.events(since: 0).makeAsyncIterator()
            #expect(try await iterator.next() == events[0])
            #expect(try await iterator.next() == events[1])
        }
    }

    @Test func anotherInstanceEndsIt() async throws {
        try await Fixture.with({ [.bytes(Self.answer($0)), .drop] }) { (fixture: Fixture) async throws in
            var iterator = Self.stream(fixture, since: 0).makeAsyncIterator()
            #expect(try await iterator.next()?.sequence == 1)
            fixture.daemon.instance.withLock { $0 = "i2" }
            await #expect {
                while try await iterator.next() != nil {}
            } throws: {
                ($0 as? WireError)?.data["instance"] == "i2"
            }
        }
    }

    @Test func cancellingEndsIt() async throws {
        try await Fixture.with({ _ in [.reply(SubscribeEvents.Reply(last: 0))] }) { (fixture: Fixture) async throws in
            let client = fixture.client
            let consumer = Task { for try await _ in client.events(since: 0) {} }
            try await fixture.daemon.waitForCalls("the subscription") { $0.count == 1 }
            consumer.cancel()
            let result = try await within(what: "the cancelled stream") { await consumer.result }
            #expect(throws: CancellationError.self) { try result.get() }
        }
    }

    @Test func whereNobodyAnswersAtFirstTheCallerIsTold() async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let client = Client(
            places: try Places(environment: ["XPMD_RUNTIME_DIR": scratch.path], user: 0), autostart: nil)
        await #expect { for try await _ in client.events() {} } throws: { ($0 as? WireError)?.code == .unreachable }
    }
}
