import NIOCore
import NIOEmbedded
import Testing
import XPMProtocol

@testable import XPMControl

/// What one connection does where there is no room for it, or where it has to make some.
struct ConnectionRoomTests {
    private let refusal = WireError(.tooManyConnections, "cannot accept another connection", data: ["limit": 4])
    private let wait = #"{"id":7,"jsonrpc":"2.0","method":"service.wait","params":{"goal":"ended","service":"s"}}"#
    private let subscribe = #"{"id":8,"jsonrpc":"2.0","method":"events.subscribe","params":{"since":0}}"#

    private func errors(_ client: ConnectionFixture) throws -> [(id: RequestID?, code: ErrorCode)] {
        try client.replies().compactMap {
            let reply = try Wire.decode(Response<JSONValue>.self, from: $0.utf8)
            return reply.error.map { (reply.id, $0.code) }
        }
    }

    @Test func refusedClientsFirstRequestIsAnsweredWithThat() throws {
        for first in [ConnectionFixture.hello, wait, "nonsense"] {
            let client = try ConnectionFixture(refusal: refusal)
            try client.send(first, ConnectionFixture.hello)
            let told = try errors(client)
            #expect(told.map(\.code) == [.tooManyConnections], "\(first)")
            #expect(first == "nonsense" ? told.first?.id == nil : told.first?.id != nil, "\(first)")
            #expect(!client.channel.isActive && client.calls.methods.isEmpty && client.calls.held.isEmpty)
        }
    }

    @Test func refusedClientThatSaysNothingIsToldInTheEnd() throws {
        let client = try ConnectionFixture(refusal: refusal)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(5))
        let told = try errors(client)
        #expect(told.map(\.code) == [.tooManyConnections] && told.first?.id == nil)
        #expect(!client.channel.isActive)
    }

    @Test func idleConnectionCanBeSpared() throws {
        let stranger = try ConnectionFixture()
        #expect(try stranger.connection.canBeSpared && !stranger.connection.isGreeted)
        let client = try ConnectionFixture()
        try client.greet()
        #expect(try client.connection.canBeSpared && client.connection.isGreeted)
    }

    @Test func connectionIsIdleFromItsLastAnswerOn() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(wait)
        let before = try client.connection.idleSince
        client.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(try client.connection.idleSince == before && !client.connection.canBeSpared)
        client.calls.held.first?.reply(Empty())
        client.settle()
        _ = try client.replies()
        #expect(try client.connection.idleSince >= before + .hours(1) && client.connection.canBeSpared)
    }

    @Test func connectionThatIsNeededCannotBeSpared() throws {
        let subscriber = try ConnectionFixture()
        try subscriber.greet()
        try subscriber.send(subscribe)
        #expect(try !subscriber.connection.canBeSpared)

        let host = try ConnectionFixture()
        try host.greet()
        try host.connection.keep()
        #expect(try !host.connection.canBeSpared)

        let asked = try ConnectionFixture()
        try asked.greet()
        let run = RunIdentity(workspace: "/w", experiment: "e", run: "r")
        let attempt = HostedAttempt(ServiceIdentity(run: run, id: "s"), attempt: 1)
        try asked.connection.ask(.start, attempt, within: .seconds(5)) { _ in }
        #expect(try !asked.connection.canBeSpared)

        let reader = try ConnectionFixture()
        try reader.greet()
        // Not flushed: as if it did not read.
        reader.channel.write(ByteBuffer(string: "reply"), promise: nil)
        #expect(try !reader.connection.canBeSpared)
        reader.channel.flush()
        #expect(try reader.connection.canBeSpared)
    }

    @Test func retiredConnectionIsToldAndClosed() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.connection.retire(with: refusal)
        client.settle()
        let told = try errors(client)
        #expect(told.map(\.code) == [.tooManyConnections] && told.first?.id == nil)
        #expect(!client.channel.isActive && client.closed == 1)
    }

    /// What was on its way when it was chosen.
    @Test func whatARetiredClientHasAskedForIsAnsweredFirst() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(wait)
        try client.connection.retire(with: refusal)
        client.settle()
        #expect(client.channel.isActive)
        client.calls.held.first?.reply(Empty())
        client.settle()
        let replies = try client.replies()
        #expect(replies.first == #"{"id":7,"jsonrpc":"2.0","result":{}}"#)
        #expect(replies.count == 2 && replies.last?.contains("too_many_connections") == true, "\(replies)")
        #expect(!client.channel.isActive)
    }
}
