import NIOCore
import NIOEmbedded
import Testing
import XPMProtocol

@testable import XPMControl

/// How much of one client's requests is done before another's, counted and never timed.
@Suite struct FairnessTests {
    private let loop = EmbeddedEventLoop()
    private let list = #"{"id":1,"jsonrpc":"2.0","method":"template.list"}"#
    private let get = #"{"id":1,"jsonrpc":"2.0","method":"service.get","params":{"service":"a"}}"#
    private let wait = #"{"id":1,"jsonrpc":"2.0","method":"service.wait","params":{"service":"a","goal":"running"}}"#
    /// The most requests that one slice has room for.
    private let slice = SliceBudget.bytes / SliceBudget.request

    /// Clients of one daemon, whose calls are counted together.
    private func clients(_ count: Int) throws -> [ConnectionFixture] {
        let (rotation, calls) = (Rotation(loop: loop), Calls())
        let clients = try (0..<count).map { _ in try ConnectionFixture(loop: loop, rotation: rotation, calls: calls) }
        for client in clients { try client.greet() }
        calls.methods = []
        return clients
    }

    private func flood(_ count: Int) -> [String] { Array(repeating: list, count: count) }

    @Test func oneRequestIsDoneAfterASliceOfAFloodThatCameBefore() throws {
        let clients = try clients(2)
        try clients[0].arrive(flood(5_000))
        try clients[1].arrive([get])
        clients[0].settle()
        let before = try #require(clients[0].calls.methods.firstIndex(of: GetService.name))
        #expect(before <= 2 * slice)
        #expect(clients[0].calls.methods.count == 5_001)
    }

    @Test func oneRequestIsDoneAfterASliceOfAFloodThatGoesOn() throws {
        let clients = try clients(2)
        let calls = clients[0].calls
        var arrived = 0
        try clients[0].arrive(flood(5_000))
        calls.called = { count in
            guard count == 1_000 else { return }
            calls.called = nil
            // Between two turns of the loop.
            loop.execute {
                arrived = calls.methods.count
                try? clients[1].arrive([get])
            }
        }
        clients[0].settle()
        let before = try #require(calls.methods.firstIndex(of: GetService.name))
        #expect(arrived >= 1_000)
        #expect(before - arrived <= slice)
        #expect(calls.methods.count == 5_001)
    }

    @Test func manyFloodsGetSlicesInTurn() throws {
        let clients = try clients(11)
        for client in clients.dropLast() { try client.arrive(flood(500)) }
        try clients[10].arrive([get])
        clients[0].settle()
        let before = try #require(clients[0].calls.methods.firstIndex(of: GetService.name))
        // Of each of those who came before, one as it came and one in turn with those.
        #expect(before <= 2 * 10 * slice + slice)
        #expect(clients[0].calls.methods.count == 5_001)
    }

    /// Those who have one question each stand behind no more than one slice of a flood each.
    @Test func aFloodIsServedBetweenThoseWhoComeNew() throws {
        let clients = try clients(101)
        try clients[0].arrive(flood(5_000))
        for client in clients.dropFirst() { try client.arrive([get]) }
        clients[0].settle()
        let methods = clients[0].calls.methods
        let last = try #require(methods.lastIndex(of: GetService.name))
        #expect(last <= 101 * (slice + 1))
        // Nor do they take the flood's turns.
        #expect(methods.prefix(last).filter { $0 == ListTemplates.name }.count >= 50)
    }

    @Test func noRequestIsCarriedOutWhileRepliesAreNotRead() throws {
        let client = try clients(1)[0]
        // A reply fills what the client does not read, in the middle of what came at once.
        client.calls.called = { count in
            guard count == 5 else { return }
            client.channel.isWritable = false
            client.channel.pipeline.fireChannelWritabilityChanged()
        }
        try client.arrive(flood(100))
        client.settle()
        #expect(client.calls.methods.count == 5)
        try client.arrive(flood(100))
        client.settle()
        #expect(client.calls.methods.count == 5)
        client.channel.isWritable = true
        client.channel.pipeline.fireChannelWritabilityChanged()
        client.settle()
        #expect(client.calls.methods.count == 200)
        #expect(try client.replies().count == 200)
    }

    @Test func soManyRequestsAreBegunAndNotAnswered() throws {
        let client = try clients(1)[0]
        let most = ControlConnection<Calls>.promiseLimit / OpenRequest.usualRoom
        try client.arrive(Array(repeating: wait, count: most + 10) + [get])
        client.settle()
        #expect(client.calls.held.count == most)
        client.calls.held.removeFirst().reply(Empty())
        client.settle()
        #expect(client.calls.held.count == most)
        // Those that may wait for what comes after them hold up nothing.
        for held in client.calls.held { held.standAside() }
        client.settle()
        #expect(client.calls.held.count == most + 9)
        #expect(client.calls.methods == [GetService.name])
    }

    /// As many as end at once are ended in turn with those who ask.
    @Test func manyThatEndTheirSideAreEndedInTurn() throws {
        let clients = try clients(40)
        for client in clients.dropFirst() {
            client.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        #expect(clients.allSatisfy { $0.closed == 0 })
        try clients[0].arrive([get])
        clients[0].settle()
        #expect(clients[0].calls.methods == [GetService.name])
        #expect(clients.dropFirst().allSatisfy { $0.closed == 1 } && clients[0].closed == 0)
    }

    @Test func aLargeReplyIsMadeOnceThereIsRoomForIt() throws {
        let client = try clients(1)[0]
        try client.arrive([wait, wait])
        client.settle()
        let (first, second) = (client.calls.held[0], client.calls.held[1])
        var made: [Int] = []
        first.withRoom(for: Frame.replyLimit) { made.append(1) }
        second.withRoom(for: Frame.replyLimit) { made.append(2) }
        client.settle()
        #expect(made == [1])
        try client.arrive([get])
        client.settle()
        #expect(client.calls.methods.isEmpty)
        first.reply(Empty())
        client.settle()
        #expect(made == [1, 2])
        second.reply(Empty())
        client.settle()
        #expect(client.calls.methods == [GetService.name])
    }

    @Test func requestThatHoldsOthersIsDoneFirst() throws {
        let client = try clients(1)[0]
        try client.arrive([wait])
        client.settle()
        let first = client.calls.held[0]
        first.holdOthers(for: .seconds(10))
        try client.arrive([get])
        client.settle()
        #expect(client.calls.methods.isEmpty)
        first.letOthersGo()
        client.settle()
        #expect(client.calls.methods == [GetService.name])
        first.reply(Empty())
    }

    @Test(arguments: [false, true]) func nobodyIsHeldForLongerThanWasSaid(isForgotten: Bool) throws {
        let clients = try clients(2)
        try clients[0].arrive([wait])
        clients[0].settle()
        clients[0].calls.held[0].holdOthers(for: .seconds(10))
        try clients[0].arrive([get])
        // Others are not held at all.
        try clients[1].arrive([list])
        clients[0].settle()
        #expect(clients[0].calls.methods == [ListTemplates.name])
        if isForgotten { clients[0].calls.held = [] } else { loop.advanceTime(by: .seconds(10)) }
        clients[0].settle()
        #expect(clients[0].calls.methods == [ListTemplates.name, GetService.name])
    }

    @Test func aResponderThatIsForgottenHoldsUpNothing() throws {
        let client = try clients(1)[0]
        let most = ControlConnection<Calls>.promiseLimit / OpenRequest.usualRoom
        try client.arrive(Array(repeating: wait, count: most) + [get])
        client.settle()
        client.calls.held = []
        client.settle()
        #expect(client.calls.methods == [GetService.name])
    }

    @Test func whatAClientAskedForBeforeItLeftIsCarriedOut() throws {
        let client = try clients(1)[0]
        let open = #"{"id":1,"jsonrpc":"2.0","method":"experiment.open","params":{"experiment":"e","workspace":"/w"}}"#
        try client.arrive(Array(repeating: [open, get], count: 500).flatMap(\.self))
        client.channel.close(promise: nil)
        client.settle()
        let opened = client.calls.methods.count { $0 == OpenExperiment.name }
        #expect(opened == 500)
        // Nobody is there to be answered, but perhaps in the turn in which it left.
        #expect(client.calls.methods.count - opened <= slice)
        #expect(client.closed == 1)
    }

    @Test func nothingIsCarriedOutAfterARefusalThatEndsTheConnection() throws {
        let client = try clients(1)[0]
        try client.channel.writeInbound(
            ByteBuffer(bytes: Frame.encode(Array(list.utf8)) + [0, 0, 0, 0] + Frame.encode(Array(list.utf8))))
        client.settle()
        #expect(client.calls.methods.count == 1)
        #expect(!client.channel.isActive)
    }
}
