import NIOCore
import Testing
import XPMProtocol

@testable import XPMControl

@Suite struct ResponderTests {
    static let ids: [RequestID?] = [
        nil, .integer(0), .integer(-7), .integer(.max), .integer(.min), .string(""), .string("a/b"),
        .string("\"\\\u{1}\n\u{1F600}é"),
    ]

    @Test(arguments: ids)
    func replyHasTheBytesOfAnEncodedResponse(id: RequestID?) throws {
        let channel = RecordingChannel()
        let result = StopDaemon.Reply(stopping: 3)
        Responder(id: id, connection: channel).reply(result)
        Responder(id: id, connection: channel).reply(encoded: try Wire.encode(result))
        let expected = ByteBuffer(bytes: try Wire.encode(Response(id: id, result: result)))
        #expect(channel.sent == [expected, expected])
    }

    @Test(arguments: ids)
    func refusalHasTheBytesOfAnEncodedResponse(id: RequestID?) throws {
        let channel = RecordingChannel()
        let error = WireError(.ambiguous, "cannot tell which", data: ["candidates": .array([.string("a/b")])])
        Responder(id: id, connection: channel).fail(error)
        #expect(channel.sent == [ByteBuffer(bytes: try Wire.encode(Response<Empty>(id: id, error: error)))])
    }

    @Test func replyOverTheLimitBecomesARefusalOfTheSameRequest() throws {
        let channel = RecordingChannel()
        let large = ByteBuffer(repeating: UInt8(ascii: "1"), count: Frame.replyLimit)
        Responder(id: .integer(4), connection: channel).reply(encoded: large.readableBytesView)
        let reply = try Wire.decode(Response<Empty>.self, from: try #require(channel.sent.first).readableBytesView)
        #expect(reply.id == .integer(4))
        #expect(reply.error?.code == .internalError)
        #expect(channel.sent.count == 1)
    }
}
