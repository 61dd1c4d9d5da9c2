import ScriptedDaemon
import Synchronization
import Testing
import XPMClient
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

/// A daemon with a log of so many events, and an API in front of it.
final class EventFixture: Sendable {
    let link: LinkFixture
    let count: Int64

    /// `drops` ends each connection behind its third event.
    init(_ count: Int64, drops: Bool = false) throws {
        self.count = count
        link = try LinkFixture { call in
            guard let since = try? call.parameters(SubscribeEvents.self).since ?? count else { return [] }
            guard since <= count else {
                return [.refuse(WireError(.invalidParameters, "cannot go on from \(since): the log ends at \(count)"))]
            }
            let last = drops ? min(since + 3, count) : count
            let events =
                since < last ? (since + 1...last).map { Samples.change($0, .stopped, .starting, id: "s\($0 % 2)") } : []
            return [.reply(SubscribeEvents.Reply(last: count))] + events.map { .event($0) }
                + (drops && last < count ? [.drop] : [])
        }
    }

    func open<Value>(
        _ test: TestLoop<Value>, _ query: String = "", _ fields: [String] = [], method: String = "GET"
    ) throws -> (api: API, end: FakeEnd) {
        let daemon = DaemonLink(link.places, loop: test.loop)
        let api = test.keep(
            API(.init(loop: test.loop, daemon: daemon, link: daemon, live: LiveModel(), facts: .sample)))
        let (exchange, end) = try exchange(method, "/api/v1/events\(query)", fields)
        api.handle(exchange, path: "/api/v1/events", scope: .read)
        return (api, test.keep(end))
    }
}

struct EventStreamTests {
    /// The ids of a stream until one comes.
    private func ids(
        _ fixture: EventFixture, _ query: String, _ fields: [String] = [], until last: String
    ) async throws -> [String] {
        try await onLoop("event \(last)") { test in
            let (_, end) = try fixture.open(test, query, fields)
            end.content.written = { stream in
                let events = stream.events.filter { $0.data != nil }
                if events.last?.id == last { test.finish(events.compactMap(\.id)) }
            }
        }
    }

    @Test func allEventsBehindANumberComeInTheirOrder() async throws {
        let fixture = try EventFixture(20)
        defer { fixture.link.end() }
        #expect(try await ids(fixture, "?since=17", until: "20") == ["18", "19", "20"])
        #expect(try await ids(fixture, "?since=0", until: "20").count == 20)
    }

    @Test func aBrowserGoesOnWhereItWas() async throws {
        let fixture = try EventFixture(20)
        defer { fixture.link.end() }
        #expect(try await ids(fixture, "?since=3", ["Last-Event-ID: 18"], until: "20") == ["19", "20"])
    }

    @Test func anEventIsPassedOnAsItIs() async throws {
        let fixture = try EventFixture(1)
        defer { fixture.link.end() }
        let data: JSONValue? = try await onLoop { test in
            let (_, end) = try fixture.open(test, "?since=0")
            end.content.written = { stream in
                if let data = stream.events.last?.data { test.finish(data) }
            }
        }
        #expect(data?["kind"]?.text == "service.changed")
        #expect(data?["seq"]?.number == 1)
    }

    @Test func onlyOneServiceIsToldWhereThatIsAskedFor() async throws {
        let fixture = try EventFixture(9)
        defer { fixture.link.end() }
        #expect(try await ids(fixture, "?since=0&service=s1", until: "9") == ["1", "3", "5", "7", "9"])
        #expect(try await ids(fixture, "?since=0&service=my_experiment%40\(Samples.run.run):s1", until: "9").count == 5)
    }

    @Test func aPositionIsToldBeforeTheFirstEvent() async throws {
        let fixture = try EventFixture(7)
        defer { fixture.link.end() }
        let first: StreamEvent? = try await onLoop { test in
            let (_, end) = try fixture.open(test)
            end.content.written = { test.finish($0.events.first) }
        }
        #expect(first?.id == "7")
        #expect(first?.data == nil)
    }

    /// The connection is lost behind every third event: no event is lost or told twice.
    @Test func aLostConnectionIsMadeAgain() async throws {
        let fixture = try EventFixture(10, drops: true)
        defer { fixture.link.end() }
        #expect(try await ids(fixture, "?since=0", until: "10") == (1...10).map { "\($0)" })
    }

    @Test func aSlowReaderMakesXpmdWait() async throws {
        let fixture = try EventFixture(20_000)
        defer { fixture.link.end() }
        let (count, most): (Int, Int) = try await onLoop { test in
            let (_, end) = try fixture.open(test, "?since=0")
            end.content.limit = 1000
            var count = 0
            end.content.written = { stream in
                count += 1
                // The position that is told first, and the events.
                if count == 20_001 { return test.finish((stream.events.count - 1, stream.mostUnread)) }
                if !stream.hasRoom { test.loop.later { stream.read() } }
            }
        }
        #expect(count == 20_000)
        #expect(most < 2000)
    }

    @Test(arguments: [
        "?since=-1", "?since=x", "?since=", "?since=1e3", "?since=99999999999999999999", "?service=a:b:c", "?since=21",
    ])
    func whatCannotBeReadIsRefused(_ query: String) async throws {
        let fixture = try EventFixture(20)
        defer { fixture.link.end() }
        let status: Int = try await onLoop { test in
            let (_, end) = try fixture.open(test, query)
            end.answered = { test.finish($0.head.status) }
            if let answer = end.answer { test.finish(answer.head.status) }
        }
        #expect(status == 400)
    }

    @Test func whileXpmdIsAwayNoStreamIsOpened() async throws {
        let fixture = try EventFixture(20)
        fixture.link.daemon.stop()
        defer { fixture.link.end() }
        let status: Int = try await onLoop { test in
            let (_, end) = try fixture.open(test)
            end.answered = { test.finish($0.head.status) }
            if let answer = end.answer { test.finish(answer.head.status) }
        }
        #expect(status == 503)
    }

    @Test func aClientThatGoesAwayTakesItsConnectionWithIt() async throws {
        let fixture = try EventFixture(20)
        defer { fixture.link.end() }
        let left: Int = try await onLoop { test in
            let (api, end) = try fixture.open(test)
            end.content.written = { _ in
                test.loop.later {
                    end.abort()
                    test.finish(api.eventStreams.count + api.pulse.count)
                }
            }
        }
        #expect(left == 0)
        try await fixture.link.daemon.wait("the end") { $0.openConnections == 0 }
    }

    @Test func headOpensNoStream() async throws {
        let fixture = try EventFixture(20)
        defer { fixture.link.end() }
        let status: Int = try await onLoop { test in
            let (_, end) = try fixture.open(test, method: "HEAD")
            end.answered = { test.finish($0.head.status) }
        }
        #expect(status == 200)
    }

    /// The numbers of another log mean something else: the stream ends, and whoever comes back is told so.
    @Test func anotherLogEndsTheStream() async throws {
        let fixture = try EventFixture(10, drops: true)
        defer { fixture.link.end() }
        let finished: Bool = try await onLoop { test in
            let (api, end) = try fixture.open(test, "?since=0")
            end.content.written = { _ in fixture.link.daemon.instance.withLock { $0 = "i2" } }
            end.content.finished = { test.loop.later { test.finish(api.eventStreams.isEmpty) } }
        }
        #expect(finished)
    }
}
