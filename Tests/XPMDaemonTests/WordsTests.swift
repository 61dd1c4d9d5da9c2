import NIOCore
import Testing
import XPMControl
import XPMKeeping
import XPMProtocol
import XPMStore

@testable import XPMDaemon

/// What services say often is told now and then, and the last of it always.
struct WordsTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: scratch.path)
        for request in [SupervisorFixture.open(), SupervisorFixture.add("loud"), SupervisorFixture.start("loud")] {
            _ = try fixture.ask(request)
        }
        try fixture.tell(.spawned(attempt: try fixture.attempt(of: "loud"), pid: 4711, startTime: 1))
    }

    private static func say(_ urls: [Int], _ attempt: UInt64, _ supervisor: Supervisor) {
        for url in urls {
            supervisor.handle(.notified(attempt: attempt, pid: 4711, text: "X_XPM_URL=http://127.0.0.1:7/\(url)"))
        }
    }

    private func logged() throws -> [EventRecord] {
        try fixture.drain()
        let promise = fixture.loop.makePromise(of: Result<[StoredEvent], StoreError>.self)
        fixture.store.events(after: 0, limit: 10_000) { promise.succeed($0) }
        return try promise.futureResult.awaited("the events").get()
            .map { try Wire.decode(EventNotification.self, from: $0.body).params }
    }

    private func words(in events: [EventRecord]) -> [EventRecord] {
        events.filter { $0.previous == .running && $0.state == .running }
    }

    @Test func ofAFloodTheLastWordIsToldBeforeTheExit() throws {
        let attempt = try fixture.attempt(of: "loud")
        let shown = try fixture.turn { supervisor in
            Self.say(Array(1...1000), attempt, supervisor)
            return try supervisor.registry.resolve(ServiceReference(id: "loud")).record.url
        }
        // The record has it at once.
        #expect(shown == "http://127.0.0.1:7/1000")
        try fixture.tell(
            .exited(attempt: attempt, .code(0), atMilliseconds: 1),
            .emptied(attempt: attempt))
        let events = try logged()
        let told = words(in: events)
        let span = (told.last?.at.milliseconds ?? 0) - (told.first?.at.milliseconds ?? 0)
        #expect(told.count >= 2 && Int64(told.count) <= 12 + span / 100)
        #expect(told.last?.url == "http://127.0.0.1:7/1000")
        let exit = try #require(events.first { $0.exit != nil })
        #expect(exit.sequence > told.last?.sequence ?? .max && exit.url == nil)
    }

    @Test func whatIsHeldBackIsToldInAMoment() throws {
        let attempt = try fixture.attempt(of: "loud")
        let done = fixture.loop.makePromise(of: Void.self)
        try fixture.turn { supervisor in
            supervisor.ledger.publish = { items in
                if items.contains(where: { String(decoding: $0.payload, as: UTF8.self).contains("7/1000\"") }) {
                    done.succeed()
                }
            }
            Self.say(Array(1...1000), attempt, supervisor)
        }
        try done.futureResult.awaited("the last word")
    }

    @Test func aWordThatComesBackIsNoEvent() throws {
        let attempt = try fixture.attempt(of: "loud")
        try fixture.turn { Self.say(Array(1...1000), attempt, $0) }
        // Until something is held back, however slow the machine is.
        let isHeld = try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "loud"))
            for url in 2000..<100_000 where entry.heldBack == nil { Self.say([url], attempt, supervisor) }
            guard let told = entry.told.url.flatMap({ $0.split(separator: "/").last }).flatMap({ Int($0) }) else {
                return false
            }
            Self.say([0, told], attempt, supervisor)
            return entry.heldBack != nil
        }
        #expect(isHeld)
        let before = words(in: try logged()).count
        try fixture.turn { supervisor in
            supervisor.tellHeldBack(of: try supervisor.registry.resolve(ServiceReference(id: "loud")))
        }
        #expect(words(in: try logged()).count == before)
    }

    @Test func otherChangesAreNotHeldBack() throws {
        let attempt = try fixture.attempt(of: "loud")
        try fixture.turn { supervisor in
            Self.say(Array(1...1000), attempt, supervisor)
            supervisor.handle(.notified(attempt: attempt, pid: 4711, text: "STOPPING=1"))
        }
        let events = try logged()
        #expect(events.last?.state == .stopping)
        #expect(words(in: events).last?.url == "http://127.0.0.1:7/1000")
    }

    /// The words of an attempt are none of the next one's.
    @Test func nothingIsToldOfAnAttemptThatIsOver() throws {
        let attempt = try fixture.attempt(of: "loud")
        try fixture.turn { Self.say(Array(1...1000), attempt, $0) }
        try fixture.tell(
            .exited(attempt: attempt, .code(0), atMilliseconds: 1),
            .emptied(attempt: attempt))
        let isHeld = try fixture.turn { supervisor in
            try supervisor.registry.resolve(ServiceReference(id: "loud")).heldBack != nil
        }
        #expect(!isHeld)
    }
}
