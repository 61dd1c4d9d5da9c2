import NIOCore
import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMControl
@testable import XPMDaemon

/// Services that live in the process of a client.
@Suite struct HostingTests {
    private let fixture: HostFixture

    init() throws { fixture = try HostFixture() }

    @Test func hostIsAskedAndItsWordSettlesIt() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.start()
        #expect(try fixture.asked(client) == ["hosted.start \(attempt)"])
        #expect(try fixture.record().waitingFor == "process \(HostFixture.own) to start it")
        try fixture.with(client) { $0.answer() }
        #expect(try fixture.record().state == .starting)
        #expect(try fixture.record().pid == HostFixture.own)
        let reply = try fixture.notify(client, attempt, "READY=1\nSTATUS=3 kernels\nX_XPM_URL=http://127.0.0.1:8888/")
        #expect(reply.error == nil)
        try fixture.supervisor.drain()
        let record = try fixture.record()
        #expect(record.state == .running && record.url == "http://127.0.0.1:8888/" && record.status == "3 kernels")
        #expect(record.stdout == nil && record.stderr == nil)
    }

    @Test func whatTheHostSaysBeforeItAnswersCounts() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.start()
        _ = try fixture.notify(client, attempt, "READY=1")
        _ = try fixture.notify(client, attempt, "X_XPM_URL=http://127.0.0.1:8888/")
        #expect(try fixture.record().state == .starting)
        try fixture.with(client) { $0.answer() }
        try fixture.supervisor.drain()
        #expect(try fixture.record().state == .running)
        #expect(try fixture.record().url == "http://127.0.0.1:8888/")
    }

    @Test func endOfTheConnectionEndsWhatRanAtOnce() throws {
        let client = try fixture.client(adding: "lab", "idle")
        _ = try fixture.run(by: client)
        try fixture.with(client) { $0.leave() }
        let record = try fixture.record()
        #expect(record.state == .error && record.pid == nil && record.url == nil)
        #expect(record.error == "process \(HostFixture.own), in which it ran, disconnected")
        #expect(record.exit?.code == nil && record.exit?.signal == nil && record.exit != nil)
        #expect(try fixture.record("idle").state == .stopped)
        let again = try fixture.supervisor.ask(SupervisorFixture.start("lab"), SupervisorFixture.start("idle"))
        #expect(again.map(\.error?.code) == [.hostGone, .hostGone])
    }

    @Test func reasonOfOneLongCharacterIsCut() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: client)
        let reason = "a" + String(repeating: "\u{301}", count: 100_000)
        _ = try fixture.end(client, attempt, error: reason)
        try fixture.supervisor.drain()
        let error = try #require(try fixture.record().error)
        #expect(error.hasPrefix("a\u{301}") || error.unicodeScalars.first == "a")
        #expect(error.utf8.count <= 512, "\(error.utf8.count)")
    }

    @Test func endOfTheConnectionIsTheEndThatWasAskedFor() throws {
        let client = try fixture.client(adding: "lab")
        _ = try fixture.run(by: client)
        _ = try fixture.supervisor.ask(SupervisorFixture.stop("lab"))
        try fixture.with(client) { $0.leave() }
        #expect(try fixture.record().state == .stopped)
        #expect(try fixture.record().error == nil)
    }

    @Test func stoppedServiceEndsWhenItsHostSaysSo() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: client)
        _ = try fixture.supervisor.ask(SupervisorFixture.stop("lab"))
        try fixture.supervisor.drain()
        #expect(try fixture.asked(client).last == "hosted.stop \(attempt)")
        try fixture.with(client) { $0.answer() }
        #expect(try fixture.record().state == .stopping)
        #expect(try fixture.end(client, attempt, error: "interrupted").error == nil)
        #expect(try fixture.record().state == .stopped && fixture.record().error == nil)
        // Said once more because the answer was lost, it is as true as before.
        #expect(try fixture.end(client, attempt).error == nil)
    }

    @Test func endByItselfIsGoodUnlessTheHostSaysWhyNot() throws {
        let client = try fixture.client(adding: "lab", "sync")
        #expect(try fixture.end(client, fixture.run(by: client)).error == nil)
        #expect(try fixture.record().state == .stopped && fixture.record().exit?.code == 0)
        let attempt = try fixture.run("sync", by: client)
        #expect(try fixture.end(client, attempt, error: "the remote is away").error == nil)
        let record = try fixture.record("sync")
        #expect(record.state == .error && record.error == "the remote is away" && record.exit?.code == 1)
        #expect(try fixture.asked(client).count == 2)
    }

    @Test func hostThatRefusesIsWhyTheServiceIsInError() throws {
        let client = try fixture.client(adding: "lab")
        _ = try fixture.start()
        try fixture.with(client) { $0.answer(.failure(WireError(.internalError, "cannot import jupyterlab"))) }
        let record = try fixture.record()
        #expect(record.state == .error)
        #expect(record.error == "process \(HostFixture.own) did not start it: cannot import jupyterlab")
    }

    @Test func hostThatNeverAnswersIsToldThatItsWorkIsNotWanted() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.start()
        try fixture.with(client) { $0.answer(.failure(WireError(.timedOut, "cannot wait longer"))) }
        #expect(try fixture.record().state == .error)
        #expect(try fixture.asked(client) == ["hosted.start \(attempt)", "hosted.stop \(attempt) force"])
        #expect(try fixture.notify(client, attempt, "READY=1").error == nil)
        #expect(try fixture.record().state == .error)
    }

    @Test func hostThatIgnoresTheStopIsNamed() throws {
        let client = try fixture.client(adding: "lab")
        let attempt = try fixture.run(by: client)
        _ = try fixture.supervisor.ask(SupervisorFixture.stop("lab"))
        try fixture.supervisor.drain()
        try fixture.timeUp(.grace)
        #expect(try fixture.asked(client).suffix(2) == ["hosted.stop \(attempt)", "hosted.stop \(attempt) force"])
        try fixture.timeUp(.kill)
        let stuck = try fixture.record()
        #expect(stuck.state == .error && stuck.pid == HostFixture.own)
        #expect(stuck.error == "did not stop when told to; it still runs in process \(HostFixture.own)")
        try fixture.with(client) { $0.leave() }
        let gone = try fixture.record()
        #expect(gone.state == .stopped && gone.error == nil)
        #expect(try fixture.supervisor.attempt(of: "lab") == 0)
    }

    @Test func onlyItsHostSpeaksForAnAttempt() throws {
        let (host, stranger) = (try fixture.client(adding: "lab"), try fixture.client(adding: "other"))
        let attempt = try fixture.start()
        #expect(try fixture.notify(stranger, attempt, "READY=1").error?.code == .notFound)
        #expect(try fixture.end(stranger, attempt).error?.code == .notFound)
        #expect(try fixture.notify(host, attempt + 1, "READY=1").error?.code == .notFound)
        #expect(try fixture.notify(host, .max, "READY=1").error?.code == .notFound)
        let flood = String(repeating: "x", count: 8193)
        #expect(try fixture.notify(host, attempt, flood).error?.code == .invalidParameters)
        #expect(try fixture.supervisor.state(of: "lab") == .starting)
    }

    @Test func noClientSpeaksForAProcess() throws {
        _ = try fixture.supervisor.ask(SupervisorFixture.add("board"), SupervisorFixture.start("board"))
        let (client, attempt) = (try fixture.client(adding: "lab"), try fixture.supervisor.attempt(of: "board"))
        #expect(try fixture.end(client, attempt).error?.code == .notFound)
        #expect(try fixture.supervisor.attempt(of: "board") == attempt)
    }

    @Test func startThatIsPipelinedBehindItsAdditionFindsTheHost() throws {
        let client = ScriptedClient(pid: HostFixture.own)
        try fixture.supervisor.turn { supervisor in
            let definition = ServiceDefinition(run: .hosted)
            try supervisor.addService(
                AddService(to: SupervisorFixture.run, id: "lab", definition: definition),
                .init(id: .integer(1), connection: client))
            try supervisor.startService(
                StartService(ServiceReference(id: "lab")), .init(id: .integer(2), connection: client))
        }
        try fixture.supervisor.drain()
        #expect(try fixture.asked(client).count == 1)
        let replies = try fixture.supervisor.turn { _ in client.replies }
        #expect(replies.map(\.id) == [.integer(1), .integer(2)])
        #expect(replies.allSatisfy { $0.error == nil })
    }

    @Test func orderHoldsForHostedServicesToo() throws {
        let client = try fixture.client(adding: "db")
        _ = try fixture.add("page", by: client) { $0.requires = ["db"] }
        _ = try fixture.supervisor.ask(SupervisorFixture.start("page"))
        try fixture.supervisor.drain()
        let db = try fixture.supervisor.attempt(of: "db")
        #expect(try fixture.asked(client) == ["hosted.start \(db)"])
        try fixture.with(client) { $0.answer() }
        _ = try fixture.notify(client, db, "READY=1")
        try fixture.supervisor.drain()
        let page = try fixture.supervisor.attempt(of: "page")
        #expect(try fixture.asked(client).last == "hosted.start \(page)")
        try fixture.with(client) { $0.answer() }
        _ = try fixture.supervisor.ask(SupervisorFixture.stop("db"))
        try fixture.supervisor.drain()
        // What requires it ends first.
        #expect(try fixture.asked(client).last == "hosted.stop \(page)")
        _ = try fixture.end(client, page)
        try fixture.supervisor.drain()
        #expect(try fixture.asked(client).last == "hosted.stop \(db)")
    }
}
