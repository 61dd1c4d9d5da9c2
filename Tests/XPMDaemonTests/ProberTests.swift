import Glibc
import NIOCore
import NIOPosix
import Testing
import XPMKeeping

@testable import XPMDaemon

/// What probes come to: found, failed, or not made at all.
@Suite struct ProberTests {
    @Test func nameServerThatTakesLongIsToldOfAndAnAnswerIsNot() throws {
        let fixture = try ProbeFixture()
        let loop = ProbeFixture.loop
        let (stalled, quick) = (loop.makePromise(of: Void.self), loop.makePromise(of: ProbeOutcome.self))
        fixture.names.answer("known", .addresses([SocketAddress.literal("127.0.0.1")].compactMap(\.self)))
        let port = fixture.port
        try loop.submit { [prober = fixture.prober] in
            let fine = prober.value.probe(.tcp(host: "known", port: port), url: nil, within: .seconds(60)) {
                quick.succeed($0)
            }
            fine.whenStalled = { Issue.record("told of a name that was found") }
            let slow = prober.value.probe(.tcp(host: "hung", port: port), url: nil, within: .seconds(60)) { _ in }
            slow.whenStalled = { stalled.succeed() }
        }.awaited("two probes")
        #expect(try quick.futureResult.awaited("a probe's outcome") == .passed)
        try stalled.futureResult.awaited("word of the other")
    }

    @Test(arguments: ["127.0.0.1", "127.1", "localhost", "a.localhost", "::ffff:127.0.0.1", nil])
    func addressIsProbedWithoutAskingForIt(host: String?) throws {
        let fixture = try ProbeFixture()
        #expect(try fixture.probe(.tcp(host: host, port: fixture.port)) == .passed)
        #expect(fixture.names.asked.entries == [])
    }

    @Test(arguments: ["::1", "[::1]", "fe80::1%lo", "fe80::1%nosuch", "[127.0.0.1]"])
    func whatLooksLikeAnAddressIsNeverAskedFor(host: String) throws {
        let fixture = try ProbeFixture()
        _ = try fixture.probe(.tcp(host: host, port: fixture.port), within: .seconds(1))
        _ = try fixture.probe(
            .page(url: "http://[::1]:\(fixture.port)/", path: nil, status: nil), within: .milliseconds(1))
        #expect(fixture.names.asked.entries == [])
    }

    @Test func hungNameHoldsUpNoOtherProbe() throws {
        let fixture = try ProbeFixture()
        let hung = try (0..<8).map { try fixture.begin(.tcp(host: "hung\($0)", port: 1)) }
        _ = try fixture.names.asked.wait(for: 4)
        for _ in 0..<20 { #expect(try fixture.probe(.tcp(host: "127.0.0.1", port: fixture.port)) == .passed) }
        fixture.names.end()
        for number in 4..<8 { fixture.names.answer("hung\(number)", .unanswered("the test is over")) }
        for probe in hung { #expect(try probe.awaited("a hung probe") == .notMade("the test is over")) }
    }

    @Test func nameIsProbedAtItsAddresses() throws {
        let fixture = try ProbeFixture()
        // The first of them has no listener.
        let addresses = ["127.0.0.2", "127.0.0.1"].compactMap(SocketAddress.literal)
        fixture.names.answer("db.example", .addresses(addresses))
        #expect(try fixture.probe(.tcp(host: "db.example", port: fixture.port)) == .passed)
        #expect(fixture.names.asked.entries == ["db.example"])
    }

    @Test func nameThatDoesNotExistIsAFailure() throws {
        let fixture = try ProbeFixture()
        fixture.names.answer("nosuch.example", .unknown("the name 'nosuch.example' does not exist"))
        #expect(
            try fixture.probe(.tcp(host: "nosuch.example", port: 1))
                == .failed("the name 'nosuch.example' does not exist"))
    }

    @Test func probeThatWaitsForTheNameServerAloneIsNotMade() throws {
        let fixture = try ProbeFixture()
        let outcome = try fixture.probe(.tcp(host: "hung.example", port: fixture.port), within: .milliseconds(1))
        guard case .notMade(let reason) = outcome else {
            Issue.record("it is \(outcome)")
            return
        }
        #expect(reason.hasPrefix("the name server does not answer: "))
    }

    @Test func pageOfAServiceWithoutURLIsNotProbed() throws {
        let fixture = try ProbeFixture()
        let outcome = try fixture.probe(.page(url: nil, path: "/health", status: nil))
        #expect(outcome == .notMade("its URL is not known yet"))
    }

    // MARK: Commands

    @Test func commandWithoutAKeeperIsNotRun() throws {
        let fixture = try ProbeFixture()
        let outcome = try fixture.probe(.command(["true"]))
        #expect(outcome == .notMade("the command cannot be run: xpm-keeper is not running"))
    }

    @Test func commandThatDoesNotExistFails() throws {
        let fixture = try ProbeFixture()
        guard case .failed = try fixture.probe(.command(["no-such-command"])) else {
            Issue.record("it has not failed")
            return
        }
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        var says: @Sendable (UInt64) -> [KeeperMessage]
        var isMade: Bool
        var testDescription: String
    }

    @Test(arguments: [
        Ending(
            says: { [.spawnFailed(attempt: $0, stage: .resources, errno: EAGAIN)] }, isMade: false,
            testDescription: "no place in the process table"),
        Ending(
            says: { [.spawnFailed(attempt: $0, stage: .log, errno: EMFILE)] }, isMade: false,
            testDescription: "no descriptor"),
        Ending(
            says: { [.spawnFailed(attempt: $0, stage: .exec, errno: ENOMEM)] }, isMade: false,
            testDescription: "no memory"),
        Ending(
            says: { [.spawnFailed(attempt: $0, stage: .folder, errno: ENOENT)] }, isMade: true,
            testDescription: "no folder"),
        Ending(
            says: {
                [.spawned(attempt: $0, pid: 4711, startTime: 1), .exited(attempt: $0, .unknown, atMilliseconds: 1)]
            }, isMade: false, testDescription: "an exit that nobody saw"),
        Ending(
            says: {
                [.spawned(attempt: $0, pid: 4711, startTime: 1), .exited(attempt: $0, .code(1), atMilliseconds: 1)]
            }, isMade: true, testDescription: "a code"),
        Ending(says: { _ in [] }, isMade: false, testDescription: "a keeper that says nothing"),
        Ending(
            says: { [.spawned(attempt: $0, pid: 4711, startTime: 1)] }, isMade: true,
            testDescription: "a command that does not end"),
    ])
    func commandThatWasNotRunSaysNothingOfTheService(ending: Ending) throws {
        let scratch = try Scratch()
        let socket = scratch.path + "/keeper.sock"
        let fixture = try SupervisorFixture(stateFolder: scratch.path + "/state", keeperSocket: socket)
        let says = ending.says
        let listener = try ScriptedKeeper.listen(socket, on: fixture.loop) { _ in
        } script: { _, request in
            switch request {
            case .hello:
                return ([.welcome(version: 2, pid: 4000, instance: 1, bootID: "boot"), .snapshot([])], false)
            case .spawn(let order): return (says(order.attempt), false)
            default: return ([], false)
            }
        }
        defer { try? listener.close().wait() }
        try fixture.connect()
        let outcome = fixture.loop.makePromise(of: ProbeOutcome.self)
        // A deadline alone ends those of which nothing is heard.
        let time =
            says(1).contains { if case .exited = $0 { true } else { false } } ? Duration.seconds(60) : .seconds(1)
        try fixture.turn { supervisor in
            let setting = CommandSetting(folder: "/", environment: ["PATH": "/bin:/usr/bin"], names: [:])
            _ = supervisor.commands.run(["true"], setting, output: .discarded, within: time) {
                outcome.succeed($0.ofProbe)
            }
        }
        switch try outcome.futureResult.awaited("the command's end") {
        case .passed: Issue.record("it has passed")
        case .failed(let reason): #expect(ending.isMade, "\(reason)")
        case .notMade(let reason): #expect(!ending.isMade, "\(reason)")
        }
    }

    // MARK: Words

    @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL])
    func shortageIsNoFailure(code: Int32) {
        let outcome = ProbeOutcome.of(IOError(errnoCode: code, reason: "connect"))
        #expect(outcome == .notMade(String(cString: strerror(code))))
    }

    @Test(arguments: [ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EACCES, ENOENT, EAGAIN])
    func everythingElseIs(code: Int32) {
        let outcome = ProbeOutcome.of(IOError(errnoCode: code, reason: "connect"))
        #expect(outcome == .failed(String(cString: strerror(code))))
    }

    @Test func placeThatCouldNotBeLookedAtCountsBeforeAllOthers() {
        let refused = ProbeOutcome.failed(ProbeOutcome.refused)
        #expect(ProbeOutcome.nowhere([refused, refused]) == refused)
        #expect(ProbeOutcome.nowhere([refused, .failed("it answered with status 503")]) != refused)
        #expect(ProbeOutcome.nowhere([refused, .notMade("Too many open files")]) == .notMade("Too many open files"))
        #expect(
            ProbeOutcome.nowhere([.notMade("Too many open files"), .failed("x")]) == .notMade("Too many open files"))
    }
}
