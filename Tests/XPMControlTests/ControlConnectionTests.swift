import NIOCore
import NIOEmbedded
import Testing
import XPMProtocol

@testable import XPMControl

@Suite struct ControlConnectionTests {
    private let list = #"{"id":1,"jsonrpc":"2.0","method":"template.list"}"#
    private let listed = #"{"id":1,"jsonrpc":"2.0","result":{"templates":[]}}"#

    @Test func requestBeforeHelloIsRefusedAndEndsTheConnection() throws {
        let client = try ConnectionFixture()
        try client.send(list)
        let reply = try #require(try client.replies().first)
        let response = try Wire.decode(Response<Empty>.self, from: reply.utf8)
        #expect(response.id == .integer(1))
        #expect(response.error?.code == .helloRequired)
        #expect(client.calls.methods.isEmpty)
        #expect(!client.channel.isActive)
        #expect(client.closed == 1)
    }

    @Test func repliesComeInTheOrderOfTheRequests() throws {
        let client = try ConnectionFixture()
        try client.send(ConnectionFixture.hello, list, #"{"id":2,"jsonrpc":"2.0","method":"service.fly"}"#, list)
        let replies = try client.replies()
        #expect(replies.count == 4)
        #expect(replies.first == #"{"id":0,"jsonrpc":"2.0","result":{}}"#)
        #expect(replies[1] == listed && replies[3] == listed)
        #expect(replies[2].contains(#""unknown_method""#))
        #expect(client.channel.isActive)
    }

    @Test func whatWasAskedBeforeTheEndOfInputIsAnswered() throws {
        let client = try ConnectionFixture()
        let wait = #"{"id":7,"jsonrpc":"2.0","method":"service.wait","params":{"goal":"ended","service":"s"}}"#
        try client.send(ConnectionFixture.hello, wait, list)
        client.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        client.channel.embeddedEventLoop.run()
        #expect(try client.replies().last == listed)
        #expect(client.channel.isActive)
        client.calls.held.first?.reply(Empty())
        client.channel.embeddedEventLoop.run()
        #expect(try client.replies() == [#"{"id":7,"jsonrpc":"2.0","result":{}}"#])
        #expect(!client.channel.isActive && client.closed == 1)
    }

    @Test func inputThatEndsWithNothingToAnswerEndsTheConnection() throws {
        for greets in [true, false] {
            let client = try ConnectionFixture()
            if greets { try client.greet() }
            client.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            client.channel.embeddedEventLoop.run()
            #expect(!client.channel.isActive && client.closed == 1)
        }
    }

    @Test func secondHelloIsRefusedAndTheConnectionGoesOn() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(ConnectionFixture.hello, list)
        #expect(try client.refusals() == [.invalidRequest])
        #expect(client.calls.methods == [Hello.name, ListTemplates.name])
        #expect(client.channel.isActive)
    }

    @Test func refusedHelloIsNoHello() throws {
        let client = try ConnectionFixture()
        try client.send(ConnectionFixture.hello.replacingTest(with: "stranger"))
        #expect(try client.refusals() == [.versionMismatch])
        try client.send(list)
        #expect(try client.refusals() == [.helloRequired])
        #expect(!client.channel.isActive)
    }

    @Test func connectionWithoutHelloEndsAtTheDeadline() throws {
        let client = try ConnectionFixture()
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(4))
        #expect(client.channel.isActive)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(try client.refusals() == [.helloTimeout])
        #expect(!client.channel.isActive)
    }

    @Test func greetedConnectionMayBeIdleForEver() throws {
        let client = try ConnectionFixture()
        try client.greet()
        client.channel.embeddedEventLoop.advanceTime(by: .hours(1000))
        #expect(client.channel.isActive)
    }

    @Test func frameOverTheLimitIsAnsweredAndEndsTheConnection() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.channel.writeInbound(ByteBuffer(bytes: Frame.header(for: Frame.requestLimit + 1)))
        client.settle()
        #expect(try client.refusals() == [.frameTooLarge])
        #expect(!client.channel.isActive)
    }

    @Test func brokenRequestLeavesTheConnectionUsable() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send("{", "[]", list)
        let replies = try client.replies()
        #expect(replies.count == 3 && replies.last == listed)
    }

    @Test func handlersRefusalAndHandlersFaultHaveDifferentCodes() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(
            #"{"id":1,"jsonrpc":"2.0","method":"service.get","params":{"service":"a"}}"#,
            #"{"id":2,"jsonrpc":"2.0","method":"daemon.stop"}"#)
        #expect(try client.refusals() == [.notFound, .internalError])
    }

    @Test func answerAfterTheClientLeftIsSwallowed() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(
            #"{"id":1,"jsonrpc":"2.0","method":"service.wait","params":{"service":"a","goal":"running"}}"#)
        let held = try #require(client.calls.held.first)
        #expect(!held.connection.isClosed)
        _ = try client.channel.finish()
        #expect(held.connection.isClosed)
        held.reply(Empty())
        #expect(try client.replies().isEmpty)
        #expect(client.closed == 1)
    }

    @Test func endOfTheConnectionIsToldOnceToAllWhoAsked() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(
            #"{"id":1,"jsonrpc":"2.0","method":"service.wait","params":{"service":"a","goal":"running"}}"#)
        let connection = try #require(client.calls.held.first).connection
        var told: [Int] = []
        for number in 1...2 { connection.whenClosed { told.append(connection.isClosed ? number : -number) } }
        #expect(told.isEmpty)
        _ = try client.channel.finish()
        #expect(told == [1, 2])
        // Too late to wait for it.
        connection.whenClosed { told.append(3) }
        #expect(told == [1, 2, 3])
    }

    @Test func subscriberThatDoesNotReadGetsTheEventsWhenItDoes() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(#"{"id":1,"jsonrpc":"2.0","method":"events.subscribe","params":{}}"#)
        #expect(try client.replies() == [#"{"id":1,"jsonrpc":"2.0","result":{}}"#])
        client.channel.isWritable = false
        client.channel.pipeline.fireChannelWritabilityChanged()
        client.feed.publish(client.log.append(5))
        client.channel.embeddedEventLoop.run()
        #expect(try client.replies().isEmpty)
        client.channel.isWritable = true
        client.channel.pipeline.fireChannelWritabilityChanged()
        while client.log.hasReads { client.log.finishRead(at: 0) }
        client.channel.embeddedEventLoop.run()
        #expect(try client.replies() == ["1", "2", "3", "4", "5"])
    }

    @Test func subscriberThatLeftIsForgotten() throws {
        let client = try ConnectionFixture()
        try client.greet()
        try client.send(#"{"id":1,"jsonrpc":"2.0","method":"events.subscribe","params":{}}"#)
        _ = try client.channel.finish()
        _ = try client.replies()
        client.feed.publish(client.log.append(2))
        client.channel.embeddedEventLoop.run()
        #expect(try client.replies().isEmpty)
        #expect(!client.log.hasReads)
    }
}

extension String {
    /// A hello of another client.
    fileprivate func replacingTest(with client: String) -> String {
        split(separator: "test", omittingEmptySubsequences: false).joined(separator: client)
    }
}
