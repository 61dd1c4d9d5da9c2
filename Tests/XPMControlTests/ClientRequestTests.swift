import NIOCore
import NIOEmbedded
import Testing
import XPMProtocol

@testable import XPMControl

/// The daemon's own requests to a client.
@Suite struct ClientRequestTests {
    private let client: ConnectionFixture
    private let connection: any ReplyChannel
    private let attempt = HostedAttempt(
        ServiceIdentity(run: RunIdentity(workspace: "/ws", experiment: "exp", run: "r1"), id: "lab"), attempt: 7)

    /// What came of requests, in order.
    private final class Outcomes {
        var codes: [ErrorCode?] = []
    }

    init() throws {
        client = try ConnectionFixture()
        try client.greet()
        try client.send(
            #"{"id":1,"jsonrpc":"2.0","method":"service.wait","params":{"service":"a","goal":"running"}}"#)
        connection = try #require(client.calls.held.first).connection
    }

    private func ask(_ method: HostRequest.Method, _ outcomes: Outcomes) {
        connection.ask(method, attempt, within: .seconds(10)) { result in
            switch result {
            case .success: outcomes.codes.append(nil)
            case .failure(let error): outcomes.codes.append(error.code)
            }
        }
        client.channel.embeddedEventLoop.run()
    }

    @Test func repliesFindTheirRequestsInAnyOrder() throws {
        let (start, stop) = (Outcomes(), Outcomes())
        ask(.start, start)
        ask(.stop, stop)
        let params = #"{"attempt":7,"experiment":"exp","id":"lab","run":"r1","workspace":"/ws"}"#
        #expect(
            try client.replies() == [
                #"{"id":1,"jsonrpc":"2.0","method":"hosted.start","params":\#(params)}"#,
                #"{"id":2,"jsonrpc":"2.0","method":"hosted.stop","params":\#(params)}"#,
            ])
        try client.send(#"{"error":{"code":-32601,"message":"no"},"id":2,"jsonrpc":"2.0"}"#)
        #expect(start.codes.isEmpty && stop.codes == [.unknownMethod])
        try client.send(#"{"id":1,"jsonrpc":"2.0","result":{}}"#)
        #expect(start.codes == [nil])
        #expect(try client.replies().isEmpty)
    }

    @Test(arguments: [
        #"{"id":2,"jsonrpc":"2.0","result":{}}"#, #"{"id":"1","jsonrpc":"2.0","result":{}}"#,
        #"{"id":null,"jsonrpc":"2.0","error":{"code":-32700,"message":"what?"}}"#,
    ])
    func replyThatMatchesNothingIsIgnored(reply: String) throws {
        let outcomes = Outcomes()
        ask(.start, outcomes)
        _ = try client.replies()
        try client.send(reply)
        #expect(outcomes.codes.isEmpty)
        #expect(try client.replies().isEmpty)
        #expect(client.channel.isActive)
    }

    @Test func secondReplyIsIgnored() throws {
        let outcomes = Outcomes()
        ask(.start, outcomes)
        for _ in 1...2 { try client.send(#"{"id":1,"jsonrpc":"2.0","result":{}}"#) }
        #expect(outcomes.codes == [nil])
    }

    @Test func clientThatNeverAnswersHasADeadline() throws {
        let outcomes = Outcomes()
        ask(.start, outcomes)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(outcomes.codes.isEmpty)
        client.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(outcomes.codes == [.timedOut])
        // Late, it is of no request any more, not even of the next one.
        let next = Outcomes()
        ask(.stop, next)
        try client.send(#"{"id":1,"jsonrpc":"2.0","result":{}}"#)
        #expect(outcomes.codes.count == 1 && next.codes.isEmpty)
    }

    @Test func requestsEndWithTheConnection() throws {
        let outcomes = Outcomes()
        ask(.start, outcomes)
        ask(.stop, outcomes)
        _ = try client.channel.finish()
        #expect(outcomes.codes == [.connectionLost, .connectionLost])
        ask(.start, outcomes)
        #expect(outcomes.codes.count == 3 && outcomes.codes.last == .connectionLost)
    }

    @Test func replyBeforeHelloEndsTheConnection() throws {
        let stranger = try ConnectionFixture()
        try stranger.send(#"{"id":1,"jsonrpc":"2.0","result":{}}"#)
        #expect(try stranger.refusals() == [.helloRequired])
        #expect(!stranger.channel.isActive)
    }
}
