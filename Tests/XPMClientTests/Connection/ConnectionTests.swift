import Glibc
import ScriptedDaemon
import Testing
import XPMClient
import XPMProtocol

struct ConnectionTests {
    private let tensorboard = ServiceReference(id: "tensorboard")

    @Test func callBringsTheReply() async throws {
        let record = Samples.service("tensorboard", .running) { $0.url = "http://localhost:6006/" }
        try await Fixture.with({ _ in [.reply(record)] }) { (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            #expect(connection.hello.instance == "i1")
            #expect(try connection.call(StartService(tensorboard)) == record)
            let call = try #require(fixture.daemon.calls.first)
            #expect(call.method == "service.start")
            #expect(try call.parameters(StartService.self) == StartService(tensorboard))
        }
    }

    @Test func refusalComesAsItIs() async throws {
        let refusal = WireError(.ambiguous, "cannot tell which 'tensorboard'", data: ["candidates": ["a:tensorboard"]])
        try await Fixture.with({ _ in [.refuse(refusal)] }) { (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            #expect(failure { try connection.call(StartService(tensorboard)) } == refusal)
            // A refusal is an answer: the conversation goes on.
            #expect(failure { try connection.call(StopService(tensorboard)) } == refusal)
        }
    }

    @Test func eventsBeforeTheReplyAreKept() async throws {
        let events = [Samples.change(1, .stopped, .starting), Samples.change(2, .starting, .running)]
        try await Fixture.with({ _ in [.event(events[0]), .reply(SubscribeEvents.Reply(last: 2)), .event(events[1])] })
        { (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            #expect(try connection.call(SubscribeEvents(since: 0)).last == 2)
            var seen: [EventRecord] = []
            while seen.count < 2 { seen += try connection.nextEvents() }
            #expect(seen == events)
        }
    }

    @Test func repliesMayComeInAnyPieces() async throws {
        let record = Samples.service()
        try await Fixture.with({ call in
            ScriptedDaemon.frame(call.id, "result", record).map { .bytes([$0]) }
        }) { (fixture: Fixture) async throws in
            let reply = try fixture.connect().call(StartService(tensorboard))
            #expect(reply == record)
        }
    }

    @Test func noSocketIsUnreachable() throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let error = failure { try Connection(socket: scratch("none.sock"), client: "test") }
        #expect(error?.code == .unreachable)
        #expect(error?.data["errno"] == .integer(Int64(ENOENT)))
        #expect(error?.message.hasPrefix("cannot reach xpmd at \(scratch.path)/none.sock: ") == true)
    }

    @Test func aPathThatIsTooLongIsNamed() {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        let error = failure { try Connection(socket: path, client: "test") }
        #expect(error?.code == .unreachable)
        #expect(error?.data["limit"] == 107)
    }

    @Test(arguments: [1, 4, 5, 40]) func aLostConnectionStaysLost(cut: Int) async throws {
        try await Fixture.with({ call in
            [.bytes(Array(ScriptedDaemon.frame(call.id, "result", Samples.service()).prefix(cut))), .drop]
        }) { (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            #expect(failure { try connection.call(StartService(tensorboard)) }?.code == .connectionLost)
            #expect(failure { try connection.call(StartService(tensorboard)) }?.code == .connectionLost)
            #expect(fixture.daemon.calls.count == 1)
        }
    }

    @Test func aFrameOverTheLimitIsRefusedUnread() async throws {
        try await Fixture.with({ _ in [.bytes([0x7f, 0xff, 0xff, 0xff])] }) { (fixture: Fixture) async throws in
            #expect(failure { try fixture.connect().call(StartService(tensorboard)) }?.code == .frameTooLarge)
        }
    }

    @Test(arguments: ["[]", "{", "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":{}}", "{\"id\":99,\"result\":{}}"])
    func nonsenseEndsTheConversation(payload: String) async throws {
        try await Fixture.with({ _ in [.bytes(Frame.encode(Array(payload.utf8)))] }) {
            (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            let error = failure { try connection.call(StartService(tensorboard)) }
            #expect(error?.code == .parseError || error?.code == .invalidRequest)
            #expect(failure { try connection.call(StartService(tensorboard)) }?.code == .connectionLost)
        }
    }

    @Test func aRequestOverTheLimitIsNotSent() async throws {
        try await Fixture.with({ _ in [] }) { (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            let huge = AddService(
                to: Samples.run, id: "x",
                definition: ServiceDefinition(run: .command([String(repeating: "x", count: Frame.requestLimit)])))
            #expect(failure { try connection.call(huge) }?.code == .frameTooLarge)
            #expect(fixture.daemon.calls.isEmpty)
        }
    }

    @Test func anAnswerIsNotAwaitedPastTheTimeout() async throws {
        try await Fixture.with({ _ in [] }) { (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            #expect(
                failure { try connection.call(StartService(tensorboard), timeout: .milliseconds(20)) }?.code
                    == .timedOut)
            // The answer may still come: it must not pass for the next request's.
            #expect(failure { try connection.call(StartService(tensorboard)) }?.code == .connectionLost)
        }
    }

    @Test func interruptEndsACallOnAnotherThread() async throws {
        try await Fixture.with({ _ in [] }) { (fixture: Fixture) async throws in
            let connection = try fixture.connect()
            let call = Task.detached { failure { try connection.call(StartService(ServiceReference(id: "x"))) }?.code }
            try await fixture.daemon.waitForCalls("the call") { !$0.isEmpty }
            connection.interrupt()
            #expect(try await within(what: "the interrupted call") { await call.value } == .connectionLost)
        }
    }

    /// An xpmd that ends just then, or makes way for another one, has accepted connections that it never serves.
    @Test(arguments: [(lost: 3, isMade: true), (lost: 4, isMade: false)])
    func oneThatIsLostWhileItIsGreetedIsMadeAgain(lost: Int, isMade: Bool) async throws {
        let greeting = Hello.Reply(
            version: 1, daemon: "xpmd 0.1.0", pid: 1, instance: "i1", requestLimit: Frame.requestLimit,
            replyLimit: Frame.replyLimit)
        try await Fixture.with(greets: false, { call in call.connection <= lost ? [.drop] : [.reply(greeting)] }) {
            (fixture: Fixture) async throws in
            let fault = failure { try Connection.open(fixture.places, client: "test", autostart: nil) }
            #expect(fault?.code == (isMade ? nil : .connectionLost))
            #expect(fixture.daemon.connections == 4)
        }
    }

    @Test func anotherVersionIsRefusedByTheDaemon() async throws {
        let refusal = WireError(
            .versionMismatch, "cannot talk to a client of protocol 1 to 1: this xpmd speaks 2 to 3")
        try await Fixture.with(greets: false, { _ in [.refuse(refusal)] }) { (fixture: Fixture) async throws in
            #expect(failure { try fixture.connect() } == refusal)
        }
    }
}
