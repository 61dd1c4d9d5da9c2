import NIOCore
import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Who hosts a service, over connections, processes and daemons.
@Suite struct HostChangeTests {
    private let fixture: HostFixture

    init() throws { fixture = try HostFixture() }

    @Test func sameProcessOnANewConnectionIsAskedAgain() throws {
        let old = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: old)
        let new = try fixture.client(adding: "lab")
        #expect(try fixture.asked(new) == ["hosted.start \(attempt)"])
        try fixture.with(new) { $0.answer() }
        // Only now the end of the old one is noticed.
        try fixture.with(old) { $0.leave() }
        #expect(try fixture.record().state == .running)
        #expect(try fixture.end(old, attempt).error?.code == .notFound)
        #expect(try fixture.end(new, attempt).error == nil)
        #expect(try fixture.record().state == .stopped)
    }

    @Test func sameConnectionIsNotAskedAgain() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: client)
        _ = try fixture.add("lab", by: client)
        #expect(try fixture.asked(client) == ["hosted.start \(attempt)"])
    }

    @Test func anotherProcessTakesTheServiceAndNotTheAttempt() throws {
        let old = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: old)
        let new = try fixture.client(HostFixture.other, adding: "lab")
        let record = try fixture.record()
        #expect(record.state == .error)
        #expect(
            record.error
                == "process \(HostFixture.other) hosts it now instead of process \(HostFixture.own)")
        #expect(try fixture.asked(old).last == "hosted.stop \(attempt) force")
        #expect(try fixture.asked(new).isEmpty)
        try fixture.with(old) { $0.leave() }
        let next = try fixture.run(by: new)
        #expect(next > attempt)
        #expect(try fixture.record().pid == HostFixture.other)
    }

    @Test func stopThatWasLostWithTheConnectionIsAskedAgain() throws {
        let old = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: old)
        _ = try fixture.supervisor.ask(SupervisorFixture.stop("lab"))
        let new = try fixture.client(adding: "lab")
        #expect(try fixture.asked(new) == ["hosted.stop \(attempt)"])
    }

    @Test func anotherDefinitionIsAConflictWhileItLives() throws {
        let client = try fixture.client(adding: "lab")
        _ = try fixture.run(by: client)
        let reply = try fixture.add("lab", by: client) { $0.className = "m.Other" }
        #expect(reply.error?.code == .conflict)
        #expect(try fixture.record().state == .running)
    }

    @Test func closedRunKeepsItsHosts() throws {
        _ = try fixture.client(adding: "lab")
        _ = try fixture.supervisor.ask { try $0.closeExperiment(CloseExperiment(SupervisorFixture.run), $1) }
        let new = ScriptedClient(pid: HostFixture.own)
        #expect(try fixture.add("lab", by: new).error == nil)
        #expect(try fixture.add("more", by: new).error?.code == .conflict)
    }

    // MARK: Another daemon

    @Test func nextDaemonWaitsForTheHostAndAsksItForTheAttempt() throws {
        let attempt = try fixture.run(by: fixture.client(adding: "lab"))
        try fixture.replaceDaemon()
        #expect(try fixture.record().state == .running)
        #expect(try fixture.record().pid == HostFixture.own)
        let wait = try #require(try fixture.supervisor.send([SupervisorFixture.wait("lab", .running)]).first)
        let heard = Record(loop: wait.eventLoop)
        wait.whenComplete { _ in heard.note("answered") }
        let client = try fixture.client(adding: "lab")
        #expect(try fixture.asked(client) == ["hosted.start \(attempt)"])
        #expect(heard.entries.isEmpty)
        try fixture.with(client) { $0.answer() }
        #expect(try SupervisorFixture.read(wait).error == nil)
        _ = try fixture.notify(client, attempt, "READY=1\nX_XPM_URL=http://127.0.0.1:9999/")
        #expect(try fixture.record().url == "http://127.0.0.1:9999/")
        try fixture.with(client) { $0.leave() }
        #expect(try fixture.record().state == .error)
    }

    @Test func readinessIsWatchedAnewByTheNextDaemon() throws {
        let before = try fixture.client(adding: "lab")
        let attempt = try fixture.start()
        try fixture.with(before) { $0.answer() }
        try fixture.replaceDaemon()
        let client = try fixture.client(adding: "lab")
        _ = try fixture.notify(client, attempt, "READY=1")
        try fixture.supervisor.drain()
        #expect(try fixture.record().state == .running)
    }

    @Test func startThatWasNotAskedForYetIsAskedForByTheNextDaemon() throws {
        _ = try fixture.client(adding: "lab")
        let attempt = try fixture.start()
        try fixture.replaceDaemon()
        #expect(try fixture.record().waitingFor == "process \(HostFixture.own) to reconnect")
        let client = try fixture.client(adding: "lab")
        #expect(try fixture.asked(client) == ["hosted.start \(attempt)"])
        try fixture.with(client) { $0.answer() }
        _ = try fixture.notify(client, attempt, "READY=1")
        try fixture.supervisor.drain()
        #expect(try fixture.record().state == .running)
    }

    @Test func startInTheMeantimeWaitsForTheHost() throws {
        _ = try fixture.client(adding: "lab")
        try fixture.replaceDaemon()
        let attempt = try fixture.start()
        #expect(try fixture.record().state == .starting)
        let client = try fixture.client(adding: "lab")
        #expect(try fixture.asked(client) == ["hosted.start \(attempt)"])
    }

    @Test func hostThatDoesNotGoOnEndsTheAttempt() throws {
        _ = try fixture.run(by: fixture.client(adding: "lab"))
        try fixture.replaceDaemon()
        let client = try fixture.client(adding: "lab")
        try fixture.with(client) { $0.answer(.failure(WireError(.notFound, "cannot find it: it has ended"))) }
        let record = try fixture.record()
        #expect(record.state == .error && record.exit?.code == nil)
        #expect(record.error?.hasSuffix("cannot continue it: cannot find it: it has ended") == true)
        // It is the host all the same.
        #expect(try fixture.start() > 0)
    }

    @Test func hostThatDoesNotComeBackEndsTheAttempt() throws {
        _ = try fixture.run(by: fixture.client(adding: "lab"))
        try fixture.replaceDaemon(comeback: .milliseconds(1))
        let answer = try fixture.supervisor.ask(SupervisorFixture.wait("lab", .ended))
        #expect(answer.first?.error == nil)
        let record = try fixture.record()
        #expect(record.state == .error)
        #expect(record.error == "process \(HostFixture.own), in which it ran, did not reconnect within 0.001 s")
        #expect(try fixture.supervisor.ask(SupervisorFixture.start("lab")).first?.error?.code == .hostGone)
    }

    @Test func hostThatIsDeadIsNotWaitedFor() throws {
        _ = try fixture.run(by: fixture.client(adding: "lab"))
        try fixture.supervisor.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "lab"))
            // Another one has got its pid since.
            entry.runtime.host?.startTime += 1
            supervisor.ledger.append([entry.update], policy: .kept)
        }
        try fixture.supervisor.drain()
        try fixture.replaceDaemon()
        #expect(try fixture.record().state == .error)
        #expect(try fixture.record().error?.hasSuffix("exited while xpmd was not running") == true)
    }

    @Test func whatWasBeingStoppedIsStoppedByTheNextDaemon() throws {
        let attempt = try fixture.run(by: fixture.client(adding: "lab"))
        _ = try fixture.supervisor.ask(SupervisorFixture.stop("lab"))
        try fixture.supervisor.drain()
        try fixture.replaceDaemon()
        #expect(try fixture.record().state == .stopping)
        let client = try fixture.client(adding: "lab")
        #expect(try fixture.asked(client) == ["hosted.stop \(attempt)"])
        #expect(try fixture.end(client, attempt).error == nil)
        #expect(try fixture.record().state == .stopped)
    }

    @Test func keepersComeAndGoWithoutThem() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: client)
        try fixture.supervisor.turn { $0.takeOver(KeeperIdentity(instance: 7, bootID: BootClock.bootID), []) }
        try fixture.supervisor.drain()
        #expect(try fixture.record().state == .running)
        #expect(try fixture.supervisor.attempt(of: "lab") == attempt)
        #expect(try fixture.asked(client).count == 1)
    }
}
