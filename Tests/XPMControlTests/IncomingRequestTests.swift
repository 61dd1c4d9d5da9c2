import NIOCore
import Testing
import XPMProtocol

@testable import XPMControl

@Suite struct IncomingRequestTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        var payload: String
        var code: ErrorCode
        var id: RequestID?
        /// What the message names.
        var names: String

        init(_ payload: String, _ code: ErrorCode, id: RequestID? = nil, naming names: String = "") {
            self.payload = payload
            self.code = code
            self.id = id
            self.names = names
        }

        var testDescription: String { String(payload.unicodeScalars.prefix(200)) }
    }

    /// Two marks in alternation, which are to be put in order.
    static func marks(_ count: Int) -> String {
        "e" + String((0..<count).map { $0 % 2 == 0 ? "\u{301}" : "\u{323}" }.joined())
    }

    static let refusals: [Refused] = [
        Refused("", .parseError),
        Refused("{", .parseError),
        Refused(#"{"id":1,"jsonrpc":"2.0","method":"template.list"} x"#, .parseError),
        Refused("\u{0}", .parseError),
        // Rows of combining characters, wherever they stand.
        Refused(#"{"id":1,"jsonrpc":"2.0","method":"\#(marks(31))"}"#, .parseError),
        Refused(#"{"id":1,"jsonrpc":"2.0","method":"template.list","\#(marks(250_000))":1}"#, .parseError),
        Refused(
            #"{"id":1,"jsonrpc":"2.0","method":"service.get","params":{"service":"a","x":["\#(marks(31))"]}}"#,
            .parseError),
        Refused(#"{"id":"\#(marks(100))","jsonrpc":"2.0","method":"template.list"}"#, .parseError),
        Refused(#"{"id":1,"jsonrpc":"2.0","method":"\#(marks(30))"}"#, .unknownMethod, id: .integer(1)),
        Refused("[]", .invalidRequest),
        Refused("7", .invalidRequest),
        Refused("null", .invalidRequest),
        Refused(#"{"jsonrpc":"2.0","method":"template.list"}"#, .invalidRequest, naming: "without an id"),
        Refused(#"{"id":null,"jsonrpc":"2.0","method":"template.list"}"#, .invalidRequest, naming: "without an id"),
        Refused(#"{"id":true,"jsonrpc":"2.0","method":"template.list"}"#, .invalidRequest, naming: "without an id"),
        Refused(#"{"id":1.5,"jsonrpc":"2.0","method":"template.list"}"#, .invalidRequest, naming: "without an id"),
        Refused(#"{"id":1,"method":"template.list"}"#, .invalidRequest, id: .integer(1), naming: "jsonrpc"),
        Refused(
            #"{"id":1,"jsonrpc":"1.0","method":"template.list"}"#, .invalidRequest, id: .integer(1), naming: "jsonrpc"),
        Refused(
            #"{"id":1,"jsonrpc":2,"method":"template.list"}"#, .invalidRequest, id: .integer(1), naming: "at jsonrpc"),
        Refused(#"{"id":1,"jsonrpc":"2.0"}"#, .invalidRequest, id: .integer(1), naming: "method is missing"),
        Refused(#"{"id":1,"jsonrpc":"2.0","method":3}"#, .invalidRequest, id: .integer(1), naming: "at method"),
        Refused(
            #"{"id":"a b","jsonrpc":"2.0","method":"service.fly"}"#, .unknownMethod, id: .string("a b"),
            naming: "'service.fly'"),
        Refused(
            #"{"id":2,"jsonrpc":"2.0","method":"service.get","params":[]}"#, .invalidParameters, id: .integer(2),
            naming: "at params"),
        Refused(
            #"{"id":2,"jsonrpc":"2.0","method":"service.get","params":{}}"#, .invalidParameters, id: .integer(2),
            naming: "at params: service is missing"),
        Refused(
            #"{"id":2,"jsonrpc":"2.0","method":"service.get"}"#, .invalidParameters, id: .integer(2),
            naming: "needs params, but it has none"),
        Refused(
            #"{"id":2,"jsonrpc":"2.0","method":"service.get","params":{"service":{"id":5}}}"#, .invalidParameters,
            id: .integer(2), naming: "at params.service.id"),
        Refused(
            #"{"id":2,"jsonrpc":"2.0","method":"hello","params":{"client":"x","versions":{"min":"1","max":1}}}"#,
            .invalidParameters, id: .integer(2), naming: "at params.versions.min"),
        Refused(
            #"{"id":2,"jsonrpc":"2.0","method":"service.get","params":{"service":"a:b:c"}}"#, .invalidName,
            id: .integer(2), naming: "'a:b:c'"),
        Refused(
            #"{"id":2,"jsonrpc":"2.0","method":"service.wait","params":{"service":"a","goal":"dancing"}}"#,
            .invalidParameters, id: .integer(2), naming: "at params.goal"),
    ]

    private func request(in payload: String) throws -> IncomingRequest<Calls> {
        guard case .request(let request) = IncomingMessage(ByteBuffer(string: payload), table: .sample) else {
            throw NoRequest()
        }
        return request
    }

    private struct NoRequest: Error {}

    @Test(arguments: refusals)
    func whatCannotBeReadHasItsOwnErrorAndKeepsItsID(_ expected: Refused) throws {
        let request = try request(in: expected.payload)
        #expect(request.id == expected.id)
        guard case .failure(let error) = request.outcome else {
            Issue.record("it was accepted")
            return
        }
        #expect(error.code == expected.code)
        #expect(error.message.contains(expected.names), "\(error.message)")
        #expect(error.message.hasPrefix("cannot "))
    }

    @Test(arguments: [
        #"{"id":1,"jsonrpc":"2.0","method":"template.list"}"#,
        #"{"id":1,"jsonrpc":"2.0","method":"template.list","params":{}}"#,
        #"{"id":1,"jsonrpc":"2.0","method":"template.list","params":{"new":[1]},"trace":"x"}"#,
    ])
    func unknownFieldsAndMissingParametersOfMethodsWithoutAnyAreFine(payload: String) throws {
        let request = try request(in: payload)
        #expect(request.id == .integer(1))
        #expect(request.method == ListTemplates.name)
        let (calls, channel) = (Calls(), RecordingChannel())
        try request.outcome.get()(calls, Responder(id: request.id, connection: channel))
        #expect(calls.methods == [ListTemplates.name])
        #expect(channel.texts == [#"{"id":1,"jsonrpc":"2.0","result":{"templates":[]}}"#])
    }

    @Test func unknownMethodIsNamedForPrograms() throws {
        let request = try request(in: #"{"id":1,"jsonrpc":"2.0","method":"service.fly"}"#)
        guard case .failure(let error) = request.outcome else {
            Issue.record("it was accepted")
            return
        }
        #expect(error.data["method"] == .string("service.fly"))
    }

    @Test(arguments: [
        (#"{"id":7,"jsonrpc":"2.0","result":{}}"#, RequestID.integer(7), ErrorCode?.none),
        (#"{"id":"a","result":null}"#, .string("a"), nil),
        (#"{"error":{"code":-32601,"message":"no"},"id":7,"jsonrpc":"2.0"}"#, .integer(7), .unknownMethod),
        (#"{"error":"no","id":7,"result":{}}"#, .integer(7), .invalidRequest),
        (#"{"error":{"code":-32700,"message":"what?"},"id":null,"jsonrpc":"2.0"}"#, nil, .parseError),
        (#"{"id":1.5,"jsonrpc":"2.0","result":{}}"#, nil, nil),
    ])
    func whatHasAResultOrAnErrorAndNoMethodIsAReply(payload: String, id: RequestID?, code: ErrorCode?) {
        guard case .reply(let reply) = IncomingMessage(ByteBuffer(string: payload), table: HandlerTable<Calls>.sample)
        else {
            Issue.record("it was taken for a request")
            return
        }
        #expect(reply.id == id)
        #expect(reply.refusal?.code == code)
    }
}
