import NIOCore
import Testing
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision

@testable import XPMDaemon

@Suite struct SupervisorTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        let answers = try fixture.ask(SupervisorFixture.open(), SupervisorFixture.add("board"))
        #expect(answers.allSatisfy { $0.error == nil })
    }

    /// Starts it and lets the keeper say that its process runs.
    private func run() throws -> UInt64 {
        _ = try fixture.ask(SupervisorFixture.start("board"))
        let attempt = try fixture.attempt(of: "board")
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1))
        return attempt
    }

    private func exited(_ attempt: UInt64, _ status: XPMKeeping.ExitStatus) -> KeeperMessage {
        .exited(attempt: attempt, status, atMilliseconds: 1)
    }

    @Test func serviceThatFinishedIsStoppedOnlyWhenItsLastProcessIsGone() throws {
        let attempt = try run()
        #expect(try fixture.state(of: "board") == .running)
        try fixture.tell(exited(attempt, .code(0)))
        #expect(try fixture.state(of: "board") == .stopping)
        try fixture.tell(.emptied(attempt: attempt))
        #expect(try fixture.state(of: "board") == .stopped)
        #expect(try fixture.turn { try $0.registry.resolve(ServiceReference(id: "board")).wanted } == false)
    }

    @Test func notesAreBoundedAndTheFirstAreKept() throws {
        let notes = try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "board"))
            for number in 0..<1000 { supervisor.note("note \(number)", of: entry) }
            return entry.notes
        }
        #expect(notes == (0..<32).map { "note \($0)" })
    }

    @Test func waitForTheEndIsAnsweredWhenNoProcessIsLeft() throws {
        let attempt = try run()
        let answer = try #require(try fixture.send([SupervisorFixture.wait("board", .ended)]).first)
        let record = Record(loop: answer.eventLoop)
        answer.whenComplete { _ in record.note("answered") }
        try fixture.tell(exited(attempt, .code(1)))
        #expect(try fixture.state(of: "board") == .error)
        _ = try fixture.ask(SupervisorFixture.stop("board"))
        #expect(try fixture.state(of: "board") == .stopping)
        #expect(record.entries.isEmpty)
        try fixture.tell(.emptied(attempt: attempt))
        #expect(try SupervisorFixture.read(answer).error == nil)
        #expect(try fixture.state(of: "board") == .stopped)
    }

    @Test func requestThatChangesNothingIsAnsweredOnceWhatItRestsOnIsOnRecord() throws {
        let answers = Record(loop: fixture.loop)
        let early = try fixture.turn { supervisor in
            let board = try supervisor.registry.resolve(ServiceReference(id: "board"))
            for name in ["first", "second"] {
                supervisor.apply(.start(supervisor.nextAttempt()), to: board) { _ in answers.note(name) }
            }
            return answers.entries
        }
        #expect(early.isEmpty)
        #expect(try answers.wait(for: 2) == ["first", "second"])
    }

    @Test func everyTransitionIsAnEventAndSaved() throws {
        let attempt = try run()
        _ = try fixture.ask(SupervisorFixture.stop("board"))
        try fixture.tell(exited(attempt, .signal(15, core: false)), .emptied(attempt: attempt))
        let promise = try fixture.turn { supervisor in
            let promise = supervisor.loop.makePromise(of: [EventRecord].self)
            return promise
        }
        fixture.store.events(after: 0, limit: 100) { result in
            promise.completeWith(
                Result { try result.get().map { try Wire.decode(EventNotification.self, from: $0.body).params } })
        }
        let events = try promise.futureResult.awaited("the events").filter { $0.kind == .serviceChanged }
        #expect(events.map(\.state) == [.starting, .running, .stopping, .stopped])
        #expect(events.map(\.previous) == [.stopped, .starting, .running, .stopping])
        let row = try #require(try fixture.store.load().services.first)
        #expect(try Wire.decode(Runtime.self, from: row.runtime.utf8).phase == .idle(failure: nil, residue: nil))
        #expect(!row.wanted)
    }

    @Test func whatIsSaidBeforeItsStartIsOnRecordCounts() throws {
        let definition = ServiceDefinition(run: .command(["/bin/sh"]), readiness: Readiness(notify: true))
        _ = try fixture.ask(
            { try $0.addService(AddService(to: SupervisorFixture.run, id: "quick", definition: definition), $1) },
            SupervisorFixture.start("quick"))
        let attempt = try fixture.attempt(of: "quick")
        // In one turn of the loop: the watch of its readiness begins only when its process is on record.
        try fixture.tell(
            .spawned(attempt: attempt, pid: 4712, startTime: 1),
            .notified(attempt: attempt, pid: 4712, text: "READY=1\nX_XPM_URL=http://127.0.0.1:1/"))
        try fixture.drain()
        #expect(try fixture.state(of: "quick") == .running)
        #expect(try fixture.turn { try $0.registry.resolve(ServiceReference(id: "quick")).record.url } != nil)
    }

    @Test func nextDaemonFindsTheServiceWhereItWas() throws {
        let attempt = try run()
        fixture.store.close()
        let next = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        #expect(try next.state(of: "board") == .running)
        #expect(try next.attempt(of: "board") == attempt)
        let report = AttemptReport(
            attempt: attempt, pid: 4711, startTime: 1,
            phase: .exited(.code(3), atMilliseconds: 1, emptied: true))
        try next.turn { $0.takeOver(KeeperIdentity(instance: 1, bootID: "boot"), [report]) }
        try next.drain()
        #expect(try next.state(of: "board") == .error)
        #expect(try next.attempt(of: "board") == 0)
        _ = try next.ask(SupervisorFixture.start("board"))
        #expect(try next.attempt(of: "board") > attempt)
    }
}
