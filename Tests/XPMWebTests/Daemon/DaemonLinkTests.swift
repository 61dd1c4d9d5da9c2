import Glibc
import ScriptedDaemon
import Testing
import XPMClient
import XPMProtocol

@testable import XPMWeb

/// A scripted daemon and the places that lead to it.
final class LinkFixture: Sendable {
    let daemon: ScriptedDaemon
    let places: Places

    init(greets: Bool = true, script: @escaping @Sendable (ScriptedDaemon.Call) -> [ScriptedDaemon.Action]) throws {
        // Its end removes it.
        let socket = "/tmp/xpmt-\(UInt64.random(in: .min ... .max)).sock"
        daemon = try ScriptedDaemon(socket: socket, greets: greets, script: script)
        places = try Places(environment: ["XPMD_SOCKET": socket], user: getuid()) { FileFacts(at: $0) }
    }

    func end() { daemon.stop() }
}

struct DaemonLinkTests {
    private typealias Outcome = Result<String, WireError>

    private func text(_ result: Result<[UInt8], WireError>) -> Outcome {
        result.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func repliesComeBackAsTheyWereWritten() async throws {
        let fixture = try LinkFixture { call in
            [.bytes(Frame.encode(Array(#"{"id":\#(number(call.id)), "jsonrpc":"2.0","result":{ "x" : 1.10 }}"#.utf8)))]
        }
        defer { fixture.end() }
        let outcome: Outcome = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            link.request("daemon.status", params: Array("{}".utf8), waits: false) { test.finish(text($0)) }
        }
        #expect(try outcome.get() == #"{ "x" : 1.10 }"#)
    }

    @Test func aThousandRequestsAreAnsweredEachWithItsOwnReply() async throws {
        let fixture = try LinkFixture { [.reply($0.params)] }
        defer { fixture.end() }
        let answers: [String] = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            var answers: [String] = []
            for number in 0..<1000 {
                link.request("m", params: Array("{\"n\":\(number)}".utf8), waits: false) { result in
                    answers.append((try? text(result).get()) ?? "")
                    if answers.count == 1000 { test.finish(answers) }
                }
            }
        }
        #expect(answers == (0..<1000).map { "{\"n\":\($0)}" })
        #expect(fixture.daemon.connections == 1)
    }

    @Test func moreThanThatIsRefusedAndNothingIsSent() async throws {
        let fixture = try LinkFixture { _ in [] }
        defer { fixture.end() }
        let code: ErrorCode? = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            for _ in 0..<DaemonLink.mostOpen { link.request("m", params: [0x7B, 0x7D], waits: false) { _ in } }
            link.request("m", params: [0x7B, 0x7D], waits: false) { result in
                if case .failure(let error) = result { test.finish(error.code) }
            }
        }
        #expect(code == .tooManyRequests)
    }

    @Test func whileXpmdIsAwayEveryRequestIsRefusedAtOnce() async throws {
        let fixture = try LinkFixture { _ in [] }
        fixture.daemon.stop()
        defer { fixture.end() }
        let error: WireError? = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            link.request("m", params: [0x7B, 0x7D], waits: false) { result in
                if case .failure(let error) = result { test.finish(error) }
            }
        }
        #expect(error?.code == .unreachable)
    }

    /// Killed in between: what was asked fails, and what is asked after that goes to the next xpmd.
    @Test func theNextRequestFindsTheNextXpmd() async throws {
        let fixture = try LinkFixture { $0.method == "die" ? [.drop] : [.reply(["n": 1] as JSONValue)] }
        defer { fixture.end() }
        let outcomes: [String] = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            var outcomes: [String] = []
            func note(_ result: Result<[UInt8], WireError>) {
                switch text(result) {
                case .success(let text): outcomes.append(text)
                case .failure(let error): outcomes.append(error.code.rawValue)
                }
                if outcomes.count == 2 {
                    link.request("again", params: [0x7B, 0x7D], waits: false) { result in
                        note(result)
                        test.finish(outcomes)
                    }
                }
            }
            link.request("die", params: [0x7B, 0x7D], waits: false, done: note)
            link.request("lost", params: [0x7B, 0x7D], waits: false, done: note)
        }
        #expect(outcomes == ["connection_lost", "connection_lost", #"{"n":1}"#])
        #expect(fixture.daemon.connections == 2)
    }

    @Test func aWaitHasAConnectionOfItsOwnAndEndsWithIt() async throws {
        let fixture = try LinkFixture { $0.method == "service.wait" ? [] : [.reply(["n": 1] as JSONValue)] }
        defer { fixture.end() }
        let ended: Bool = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            let wait = link.request("service.wait", params: [0x7B, 0x7D], waits: true) { _ in test.finish(false) }
            link.request("other", params: [0x7B, 0x7D], waits: false) { _ in
                wait.cancel()
                test.finish(link.connections == 1)
            }
        }
        #expect(ended)
        try await fixture.daemon.wait("the end of the wait") { $0.connections == 2 && $0.openConnections == 0 }
    }

    @Test func connectionsOfWaitsAreUsedAgain() async throws {
        let fixture = try LinkFixture { [.reply($0.params)] }
        defer { fixture.end() }
        let count: Int = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            var left = 20
            func ask() {
                link.request("service.wait", params: [0x7B, 0x7D], waits: true) { _ in
                    left -= 1
                    if left == 0 { test.finish(link.connections) } else { ask() }
                }
            }
            ask()
        }
        #expect(count == 1)
        #expect(fixture.daemon.connections == 1)
    }

    @Test func aDaemonOfAnotherProtocolIsSaidToBeOne() async throws {
        let fixture = try LinkFixture(greets: false) { _ in
            [.refuse(WireError(.versionMismatch, "cannot talk to a client of protocol 1"))]
        }
        defer { fixture.end() }
        let code: ErrorCode? = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            link.request("m", params: [0x7B, 0x7D], waits: false) { result in
                if case .failure(let error) = result { test.finish(error.code) }
            }
        }
        #expect(code == .versionMismatch)
    }

    @Test(arguments: [
        Frame.encode(Array("nonsense".utf8)), [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], Frame.encode(Array("{}".utf8)),
        Frame.encode(Array(#"{"id":0,"result":{}}"#.utf8)), Frame.encode(Array(#"{"id":1,"error":7}"#.utf8)),
    ])
    func whatIsNoMessageEndsTheConnection(_ bytes: [UInt8]) async throws {
        let fixture = try LinkFixture { _ in [.bytes(bytes)] }
        defer { fixture.end() }
        let failed: Bool = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            link.request("m", params: [0x7B, 0x7D], waits: false) { result in
                if case .failure = result { test.finish(link.connections == 0) }
            }
        }
        #expect(failed)
    }

    @Test func whoHostsNothingSaysSo() async throws {
        let fixture = try LinkFixture { call in
            let hosted = #"{"id":"h1","jsonrpc":"2.0","method":"hosted.start","params":{}}"#
            return [.bytes(Frame.encode(Array(hosted.utf8))), .reply(call.params)]
        }
        defer { fixture.end() }
        let _: Int = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            link.request("m", params: [0x7B, 0x7D], waits: false) { _ in }
            // The answer is sent before the loop ends.
            link.request("m", params: [0x7B, 0x7D], waits: false) { _ in test.finish(0) }
        }
        try await fixture.daemon.wait("an answer") { $0.replies.first?.error?.code == .unknownMethod }
    }

    /// 10,000 services in a reply of several megabytes, and a request that does not fit into the socket at once.
    @Test func largeRequestsAndRepliesPass() async throws {
        let fixture = try LinkFixture { [.reply($0.params)] }
        defer { fixture.end() }
        let body = #"{"a":""# + String(repeating: "x", count: 1_000_000) + #""}"#
        let same: Bool = try await onLoop { test in
            let link = test.keep(DaemonLink(fixture.places, loop: test.loop))
            var left = 3
            for _ in 0..<3 {
                link.request("m", params: Array(body.utf8), waits: false) { result in
                    left -= 1
                    guard (try? text(result).get()) == body else { return test.finish(false) }
                    if left == 0 { test.finish(true) }
                }
            }
        }
        #expect(same)
    }
}

private func number(_ id: RequestID) -> Int64 { if case .integer(let number) = id { number } else { -1 } }
