import ScriptedDaemon
import Synchronization
import Testing
import XPMClient
import XPMProtocol

/// Services that live in this process.
struct HostingTests {
    /// Runs until the test lets it end, or it is stopped.
    final class Page: HostedService {
        let id: String
        let link = ServiceLink()
        let began = Mutex<[UInt64]>([])
        private let (ends, end) = AsyncStream<String?>.makeStream()

        init(_ id: String = "page") { self.id = id }

        func run(_ attempt: HostedRun) async throws {
            began.withLock { $0.append(attempt.attempt) }
            attempt.status("on\nduty")
            attempt.ready(url: "http://127.0.0.1:1/")
            for await reason in ends {
                if let reason { throw WireError(.internalError, reason) }
                return
            }
            throw CancellationError()
        }

        func finish(_ reason: String? = nil) { end.yield(reason) }
    }

    /// Runs until it is stopped, and writes down when it does.
    final class Lasting: HostedService {
        let id = "lasting"
        let link = ServiceLink()
        let history = Mutex<[String]>([])

        func run(_ attempt: HostedRun) async throws {
            history.withLock { $0.append("\(attempt.attempt) began") }
            attempt.ready()
            let (forever, never) = AsyncStream<Void>.makeStream()
            for await _ in forever {}
            never.finish()
            history.withLock { $0.append("\(attempt.attempt) ended") }
        }
    }

    final class Plain: Service {
        let id = "plain"
        let link = ServiceLink()
    }

    final class Both: Service {
        let id = "both"
        let link = ServiceLink()
        let page = Page("page")
        var subServices: [any Service] { [page] }
    }

    private static let words = "READY=1\nX_XPM_URL=http://127.0.0.1:1/\nSTATUS=on duty"

    private static func script(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        switch call.method {
        case "experiment.open", "experiment.close": [.reply(Samples.experiment())]
        case "daemon.status":
            [
                .reply(
                    DaemonStatus.Reply(
                        version: "0.1.0", pid: 1, keeperPid: 2, startedAt: Samples.moment, instance: "i1", socket: "/s",
                        stateFolder: "/t", services: [:], lastEvent: 3, connections: 1, storageFault: nil))
            ]
        case "events.subscribe": [.reply(SubscribeEvents.Reply(last: 3))]
        case "service.add":
            (try? call.parameters(AddService.self)).map {
                [.reply(AddService.Reply(service: Samples.service($0.id), added: true))]
            } ?? []
        case "service.get":
            (try? call.parameters(GetService.self)).map {
                [
                    .reply(
                        GetService.Reply(
                            service: Samples.service($0.service.id), definition: ServiceDefinition(run: .hosted)))
                ]
            } ?? []
        default: [.reply(Empty())]
        }
    }

    private func open(_ fixture: Fixture) async throws -> Experiment {
        try await Experiment.open(workspace: "/ws", name: "my_experiment", client: fixture.client)
    }

    private func request(_ id: Int64, _ method: HostRequest.Method, _ attempt: UInt64, of service: String = "page")
        -> HostRequest
    {
        HostRequest(
            id: .integer(id), method, HostedAttempt(ServiceIdentity(run: Samples.run, id: service), attempt: attempt))
    }

    /// The connections on which a service was added.
    private static func hosts(_ calls: [ScriptedDaemon.Call]) -> [Int] {
        calls.filter { $0.method == "service.add" }.map(\.connection)
    }

    private static func ends(_ calls: [ScriptedDaemon.Call]) -> [EndHosted] {
        calls.compactMap { try? $0.method == EndHosted.name ? $0.parameters(EndHosted.self) : nil }
    }

    @Test func hostedServiceIsStartedSpeaksAndIsStopped() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let page = try await experiment.addService(Page())
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            let added = try #require(fixture.daemon.calls.first { $0.method == "service.add" })
            #expect(try added.parameters(AddService.self).definition.run == .hosted)
            fixture.daemon.ask(request(7, .start, 41), connection: connection)
            try await fixture.daemon.wait("its last word") { daemon in
                daemon.calls.contains {
                    (try? $0.parameters(NotifyHosted.self)) == NotifyHosted(attempt: 41, text: Self.words)
                }
            }
            #expect(fixture.daemon.replies.map(\.id) == [.integer(7)] && fixture.daemon.replies[0].error == nil)
            #expect(page.began.withLock { $0 } == [41])
            fixture.daemon.ask(request(8, .stop, 41), connection: connection)
            try await fixture.daemon.waitForCalls("the end") { Self.ends($0) == [EndHosted(attempt: 41)] }
            #expect(fixture.daemon.replies.last?.id == .integer(8))
            withExtendedLifetime(experiment) {}
        }
    }

    /// The first is refused once the second, which was asked for later, has been added.
    @Test func refusedAdditionLeavesOthersThatWereAddedMeanwhile() async throws {
        let refused = Mutex<RequestID?>(nil)
        try await Fixture.with({ call in
            guard let request = try? call.parameters(AddService.self), call.method == "service.add" else {
                return Self.script(call)
            }
            if request.id == "refused" {
                refused.withLock { $0 = call.id }
                return []
            }
            guard let id = refused.withLock(\.self) else { return Self.script(call) }
            let refusal = Response<Empty>(id: id, error: WireError(.conflict, "cannot replace it: it runs"))
            return Self.script(call) + [.bytes(Frame.encode((try? Wire.encode(refusal)) ?? []))]
        }) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let first = Task { try await experiment.addService(Page("refused")) }
            try await fixture.daemon.waitForCalls("the first addition") { Self.hosts($0).count == 1 }
            let page = try await experiment.addService(Page())
            await #expect { try await first.value } throws: { ($0 as? WireError)?.code == .conflict }
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(7, .start, 41), connection: connection)
            try await fixture.daemon.wait("the reply") { !$0.replies.isEmpty }
            #expect(fixture.daemon.replies[0].error == nil)
            #expect(page.state == .stopped)
            fixture.daemon.ask(request(8, .start, 42, of: "refused"), connection: connection)
            try await fixture.daemon.wait("the refusal") { $0.replies.count == 2 }
            #expect(fixture.daemon.replies[1].error?.code == .unsupported)
        }
    }

    @Test(arguments: [nil, "cannot serve: the port is taken"]) func endByItselfIsTold(reason: String?) async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let page = try await experiment.addService(Page())
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(1, .start, 5), connection: connection)
            page.finish(reason)
            let expected = [EndHosted(attempt: 5, error: reason)]
            try await fixture.daemon.waitForCalls("the end") { Self.ends($0) == expected }
            withExtendedLifetime(experiment) {}
        }
    }

    @Test func sameAttemptAskedForAgainSaysItsLastWordsAgain() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let page = try await experiment.addService(Page())
            let first = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(1, .start, 5), connection: first)
            try await fixture.daemon.waitForCalls("its word") { calls in
                calls.contains { (try? $0.parameters(NotifyHosted.self))?.text == Self.words }
            }
            fixture.daemon.dropClients()
            // It comes back by itself, and is the host again.
            try await fixture.daemon.waitForCalls("its return") { Self.hosts($0).count == 2 }
            let second = try #require(Self.hosts(fixture.daemon.calls).last)
            #expect(second != first)
            fixture.daemon.ask(request(1, .start, 5), connection: second)
            try await fixture.daemon.waitForCalls("its word once more") { calls in
                calls.contains {
                    $0.connection == second && (try? $0.parameters(NotifyHosted.self))?.text == Self.words
                }
            }
            #expect(page.began.withLock { $0 } == [5])
            page.finish("it broke")
            try await fixture.daemon.waitForCalls("its end") { Self.ends($0).count == 1 }
            fixture.daemon.ask(request(2, .start, 5), connection: second)
            try await fixture.daemon.waitForCalls("its end once more") {
                Self.ends($0) == [EndHosted(attempt: 5, error: "it broke"), EndHosted(attempt: 5, error: "it broke")]
            }
            withExtendedLifetime(experiment) {}
        }
    }

    @Test func nextAttemptEndsTheOneBefore() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let lasting = try await experiment.addService(Lasting())
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(1, .start, 5, of: "lasting"), connection: connection)
            try await fixture.daemon.waitForCalls("its word") { $0.contains { $0.method == NotifyHosted.name } }
            fixture.daemon.ask(request(2, .start, 6, of: "lasting"), connection: connection)
            try await fixture.daemon.waitForCalls("the next one's word") { calls in
                calls.contains { (try? $0.parameters(NotifyHosted.self))?.attempt == 6 }
            }
            #expect(lasting.history.withLock { $0 } == ["5 began", "5 ended", "6 began"])
            withExtendedLifetime(experiment) {}
        }
    }

    @Test func stopOfWhatItNeverHadIsAnEnd() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let page = try await experiment.addService(Page())
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(1, .stop, 3), connection: connection)
            try await fixture.daemon.waitForCalls("the end") { Self.ends($0) == [EndHosted(attempt: 3)] }
            #expect(page.began.withLock { $0 } == [])
            withExtendedLifetime(experiment) {}
        }
    }

    @Test func whatCannotRunHereIsRefused() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            try await experiment.addService(Plain())
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(1, .start, 3, of: "plain"), connection: connection)
            fixture.daemon.ask(request(2, .start, 4, of: "unknown"), connection: connection)
            try await fixture.daemon.wait("two refusals") { $0.replies.count == 2 }
            #expect(fixture.daemon.replies.map(\.error?.code) == [.unsupported, .unsupported])
            withExtendedLifetime(experiment) {}
        }
    }

    @Test func partsAreHostedLikeWholeServices() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let both = try await experiment.addService(Both())
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(1, .start, 9, of: "both/page"), connection: connection)
            try await fixture.daemon.waitForCalls("its word") { calls in
                calls.contains { (try? $0.parameters(NotifyHosted.self))?.attempt == 9 }
            }
            #expect(both.page.began.withLock { $0 } == [9])
            withExtendedLifetime(experiment) {}
        }
    }

    @Test func unknownRequestIsRefusedAndAnUnknownNotificationIgnored() async throws {
        let odd = [
            #"{"jsonrpc":"2.0","method":"news","params":{}}"#, #"{"id":4,"jsonrpc":"2.0","method":"hosted.dance"}"#,
        ]
        try await Fixture.with({ call in
            Self.script(call)
                + (call.method == "service.add" ? odd.map { .bytes(Frame.encode(Array($0.utf8))) } : [])
        }) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            try await experiment.addService(Page())
            try await fixture.daemon.wait("the refusal") { $0.replies.count == 1 }
            #expect(fixture.daemon.replies[0].id == .integer(4))
            #expect(fixture.daemon.replies[0].error?.code == .unknownMethod)
            withExtendedLifetime(experiment) {}
        }
    }

    @Test func endOfTheExperimentEndsWhatItHosts() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            var experiment: Experiment? = try await open(fixture)
            try await experiment?.addService(Page())
            let connection = try #require(Self.hosts(fixture.daemon.calls).first)
            fixture.daemon.ask(request(1, .start, 5), connection: connection)
            try await fixture.daemon.waitForCalls("its word") { calls in
                calls.contains { $0.method == NotifyHosted.name }
            }
            experiment = nil
            try await fixture.daemon.wait("the end of its connection") { !$0.isOpen(connection) }

        }
    }
}
