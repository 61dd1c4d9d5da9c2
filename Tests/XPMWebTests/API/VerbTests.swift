import Glibc
import Testing
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

/// An API that talks with a fake daemon.
struct APIFixture {
    let loop: EventLoop
    let daemon = FakeDaemon()
    let live = LiveModel()
    let api: API

    init() throws {
        loop = try EventLoop()
        api = API(
            .init(
                loop: loop, daemon: daemon, live: live,
                facts: SessionFacts(user: "ada", version: "9.9", port: 4711, pathMode: false)))
    }

    static let json = ["Content-Type: application/json"]

    /// Asks, and gives what the client sees once xpmd has answered.
    func ask(
        _ method: String, _ target: String, _ fields: [String] = json, body: String = "", scope: AccessScope = .all
    ) throws -> FakeEnd {
        let (exchange, end) = try exchange(method, target, fields, body: body)
        let path = String(target.prefix { $0 != "?" })
        api.handle(exchange, path: path, scope: scope)
        daemon.turn()
        return end
    }
}

struct VerbTests {
    @Test func theResultIsPassedBackAsItIs() throws {
        let api = try APIFixture()
        api.daemon.script = { _ in .success(#"{ "n": 1.10, "a": [true]}"#) }
        let end = try api.ask("POST", "/api/v1/daemon.status")
        #expect(end.answer?.head.status == 200)
        #expect(end.answer.map { String(decoding: $0.body, as: UTF8.self) } == #"{ "n": 1.10, "a": [true]}"#)
        #expect(end.answer?.field("content-type") == "application/json")
        #expect(end.answer?.field("cache-control") == "no-store")
        #expect(end.answer?.field("x-content-type-options") == "nosniff")
    }

    @Test func parametersArePassedOnByteForByte() throws {
        let api = try APIFixture()
        let body = #"{"definition":{"run":{"kind":"composite"},"state_dict":{"x":1.10}} , "id":"a"}"#
        _ = try api.ask("POST", "/api/v1/service.add", body: body)
        #expect(api.daemon.calls.map(\.params) == [body])
        #expect(api.daemon.calls.map(\.method) == ["service.add"])
    }

    @Test func noBodyIsNoParameters() throws {
        let api = try APIFixture()
        _ = try api.ask("POST", "/api/v1/service.list")
        #expect(api.daemon.calls.map(\.params) == ["{}"])
    }

    /// The verbs and the protocol's methods are the same but for those that belong to a connection.
    @Test func everyMethodOfTheProtocolIsAVerb() throws {
        let methods = try ProtocolFolder.methods()
        let own: Set = ["hello", "events.subscribe", "hosted.ended", "hosted.notify"]
        #expect(Set(Verb.all.map(\.name)) == methods.subtracting(own))
        for name in own { #expect(Verb(named: name) == nil) }
    }

    @Test(arguments: ErrorCode.allCases)
    func everyErrorHasAStatusAndItsName(_ code: ErrorCode) throws {
        let api = try APIFixture()
        api.daemon.script = { _ in .failure(WireError(code, "cannot do it", data: ["name": "x"])) }
        let end = try api.ask("POST", "/api/v1/service.start", body: #"{"service":"x"}"#)
        let answer = try #require(end.answer)
        #expect((400..<600).contains(answer.head.status))
        #expect(answer.json?["error"]?["code"]?.text == code.rawValue)
        #expect(answer.json?["error"]?["message"]?.text == "cannot do it")
        #expect(answer.json?["error"]?["data"]?["name"]?.text == "x")
    }

    @Test(arguments: [
        #"{"a":1"#, #"{"a":1}{"b":2}"#, #"{},"id":2,"method":"daemon.stop","x":{}"#, #"{"a":1,"a":2}"#, "\u{FEFF}{}",
        "[1,]",
        #"{"a":1e999}"#, #"{"a":99999999999999999999}"#, #"{"a":"\ud800"}"#, "nul", "{'a':1}",
    ])
    func whatIsNotStrictJSONReachesNobody(_ body: String) throws {
        let api = try APIFixture()
        let end = try api.ask("POST", "/api/v1/service.start", body: body)
        #expect(end.answer?.head.status == 400)
        #expect(end.answer?.json?["error"]?["code"]?.text == "parse_error")
        #expect(api.daemon.calls.isEmpty)
    }

    @Test func deepNestingReachesNobody() throws {
        let api = try APIFixture()
        let deep = String(repeating: "[", count: 100_000)
        #expect(try api.ask("POST", "/api/v1/service.start", body: deep).answer?.head.status == 400)
        #expect(api.daemon.calls.isEmpty)
    }

    @Test(arguments: ["[]", "1", "null", "\"x\""])
    func onlyAnObjectIsParameters(_ body: String) throws {
        let api = try APIFixture()
        let end = try api.ask("POST", "/api/v1/service.start", body: body)
        #expect(end.answer?.json?["error"]?["code"]?.text == "invalid_parameters")
        #expect(api.daemon.calls.isEmpty)
    }

    @Test func whatDoesNotFitIntoARequestIsTooLarge() throws {
        let api = try APIFixture()
        let body = #"{"a":""# + String(repeating: "x", count: Frame.requestLimit) + #""}"#
        #expect(try api.ask("POST", "/api/v1/service.add", body: body).answer?.head.status == 413)
        #expect(api.daemon.calls.isEmpty)
    }

    @Test(arguments: [[], ["Content-Type: text/plain"], ["Content-Type: application/x-www-form-urlencoded"]])
    func aFormIsNoRequest(_ fields: [String]) throws {
        let api = try APIFixture()
        let end = try api.ask("POST", "/api/v1/service.start", fields + ["Content-Length: 2"], body: "{}")
        #expect(end.answer?.head.status == 415)
    }

    @Test func nothingIsARequestWithoutParameters() throws {
        let api = try APIFixture()
        _ = try api.ask("POST", "/api/v1/service.list", [], body: "")
        #expect(api.daemon.calls.count == 1)
    }

    @Test func aCharsetMayStandBehindTheType() throws {
        let api = try APIFixture()
        api.daemon.script = { _ in .success("{}") }
        let end = try api.ask("POST", "/api/v1/daemon.status", ["Content-Type: Application/JSON; charset=utf-8"])
        #expect(end.answer?.head.status == 200)
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
    func verbsArePosted(_ method: String) throws {
        let end = try APIFixture().ask(method, "/api/v1/service.start")
        #expect(end.answer?.head.status == 405)
        #expect(end.answer?.field("allow") == "POST")
    }

    @Test(arguments: [
        "/api/v1/", "/api/v1/service", "/api/v1/hello", "/api/v1/service.start/", "/api/v1/%73ervice.start",
    ])
    func whatIsNoVerbIsNotFound(_ path: String) throws {
        let end = try APIFixture().ask("POST", path)
        #expect(end.answer?.head.status == 404)
        #expect(end.answer?.json?["error"]?["code"]?.text == "unknown_method")
    }

    @Test func aTokenDoesWhatItsScopeSays() throws {
        let allowed: [AccessScope: Set<String>] = [
            .read: [
                "experiment.list", "service.list", "service.logs", "service.wait", "stray.list", "events.list",
                "template.list", "workspace.list", "daemon.status", "web.status",
            ],
            .control: ["service.activity", "service.start", "service.stop", "service.restart", "service.signal"],
        ]
        for verb in Verb.all {
            for scope in AccessScope.allCases {
                let api = try APIFixture()
                let end = try api.ask("POST", "/api/v1/\(verb.name)", scope: scope)
                let isAllowed =
                    scope == .all
                    || AccessScope.allCases.contains {
                        $0 <= scope && allowed[$0, default: []].contains(verb.name)
                    }
                #expect(api.daemon.calls.count == (isAllowed ? 1 : 0), "\(verb.name) by \(scope)")
                if !isAllowed {
                    #expect(end.answer?.head.status == 403)
                    #expect(end.answer?.json?["error"]?["code"]?.text == "forbidden")
                }
            }
        }
    }

    @Test(arguments: [
        ("service.wait", "{}", true), ("stray.stop", "{}", true), ("service.logs", #"{"wait_s":1}"#, true),
        ("service.logs", #"{"grep":"x"}"#, true), ("service.logs", #"{"wait_s":null}"#, false),
        ("service.logs", "{}", false), ("service.list", "{}", false),
    ])
    func whatWaitsIsAskedApart(_ method: String, _ body: String, _ waits: Bool) throws {
        let api = try APIFixture()
        _ = try api.ask("POST", "/api/v1/\(method)", body: body)
        #expect(api.daemon.calls.map(\.waits) == [waits])
    }

    @Test func aClientThatGoesAwayCancelsItsRequest() throws {
        let api = try APIFixture()
        let end = try api.ask("POST", "/api/v1/service.wait", body: #"{"service":"x","goal":"running"}"#)
        end.abort()
        #expect(api.daemon.requests.map(\.isCancelled) == [true])
        api.daemon.answer(.success("{}"))
        #expect(end.answer == nil)
    }

    @Test func aQuestionThatWasLostIsAskedOnceMore() throws {
        let api = try APIFixture()
        let lost = WireError(.connectionLost, "cannot go on")
        var answers: [Result<String, WireError>] = [.failure(lost), .success("{}")]
        api.daemon.script = { _ in answers.removeFirst() }
        #expect(try api.ask("POST", "/api/v1/service.list").answer?.head.status == 200)
        answers = [.failure(lost), .failure(lost)]
        #expect(try api.ask("POST", "/api/v1/service.list").answer?.head.status == 502)
    }

    @Test func whatChangesSomethingIsNeverAskedTwice() throws {
        let api = try APIFixture()
        api.daemon.script = { _ in .failure(WireError(.connectionLost, "cannot go on")) }
        #expect(try api.ask("POST", "/api/v1/service.restart", body: #"{"service":"x"}"#).answer?.head.status == 502)
        #expect(api.daemon.calls.count == 1)
    }

    @Test(arguments: [
        ("experiment.open", #"{"hold":true,"experiment":"a","workspace":"/w"}"#, "hold"),
        ("service.add", #"{"definition":{"run":{"kind":"hosted"}}}"#, "definition.run.kind"),
        (
            "service.add",
            #"{"definition":{"run":{"kind":"composite"}},"sub_services":[{"definition":{"run":{"kind":"hosted"}}}]}"#,
            "definition.run.kind"
        ),
    ])
    func whatBelongsToAConnectionIsRefused(_ method: String, _ body: String, _ parameter: String) throws {
        let api = try APIFixture()
        let end = try api.ask("POST", "/api/v1/\(method)", body: body)
        #expect(end.answer?.head.status == 400)
        #expect(end.answer?.json?["error"]?["data"]?["parameter"]?.text == parameter)
        #expect(api.daemon.calls.isEmpty)
    }

    @Test func whileXpmdIsAwayItIsSaidThatItIs() throws {
        let api = try APIFixture()
        api.daemon.script = { _ in .failure(WireError(.unreachable, "cannot reach xpmd")) }
        let end = try api.ask("POST", "/api/v1/service.list")
        #expect(end.answer?.head.status == 503)
        #expect(end.answer?.field("retry-after") == "1")
    }
}
