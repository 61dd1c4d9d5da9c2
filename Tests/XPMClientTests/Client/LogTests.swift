import ScriptedDaemon
import Testing
import XPMClient
import XPMProtocol

struct LogTests {
    private let service = ServiceReference(ServiceIdentity(run: Samples.run, id: "trainer"))

    private static func page(
        _ texts: [String], _ cursor: String, more: Bool = false, lost: [ServiceLogs.Loss] = []
    ) -> ScriptedDaemon.Action {
        let entries = texts.map { ServiceLogs.Entry(.stdout, attempt: 1, microseconds: 5, text: $0) }
        return .reply(ServiceLogs.Page(entries, attempts: [.init(1)], cursor: cursor, more: more, lost: lost))
    }

    private static func asked(_ fixture: Fixture) throws -> [ServiceLogs] {
        try fixture.daemon.calls.map { try $0.parameters(ServiceLogs.self) }
    }

    @Test func pageIsAskedForWithItsConditions() async throws {
        try await Fixture.with({ _ in [Self.page(["a"], "c")] }) { (fixture: Fixture) async throws in
            let since = Timestamp(milliseconds: 250)
            let selection = LogSelection(streams: [.stderr], lines: 3, since: since, attempt: 7, grep: "x+")
            let page = try await fixture.client.logs(service, selection)
            #expect(page.entries.map(\.text) == ["a"] && page.cursor == "c")
            _ = try await fixture.client.logs(service, selection, after: "c", wait: .seconds(2), partial: true)
            var first = ServiceLogs(service, streams: [.stderr], lines: 3)
            (first.since, first.attempt, first.grep) = (since, 7, "x+")
            var second = ServiceLogs(service, streams: [.stderr], cursor: "c", waitSeconds: 2)
            (second.since, second.attempt, second.grep, second.partial) = (since, 7, "x+", true)
            #expect(try Self.asked(fixture) == [first, second])
        }
    }

    @Test func whatThereIsHasAnEnd() async throws {
        try await Fixture.with({ call in
            switch try? call.parameters(ServiceLogs.self).cursor {
            case nil: [Self.page([], "a", more: true)]
            case "a": [Self.page(["one", "two"], "b", more: true)]
            default: [Self.page(["three"], "c")]
            }
        }) { (fixture: Fixture) async throws in
            var texts: [String] = []
            for try await entry in fixture.client.logEntries(service, follows: false) { texts.append(entry.text) }
            #expect(texts == ["one", "two", "three"])
            #expect(try Self.asked(fixture).allSatisfy { $0.waitSeconds == nil })
        }
    }

    /// The connection is lost in the middle of a wait, and nothing is lost or doubled.
    @Test func followerGoesOnAtItsCursor() async throws {
        try await Fixture.with({ call in
            let request = try? call.parameters(ServiceLogs.self)
            switch request?.cursor {
            case nil: return [Self.page(["one"], "a")]
            case "a": return call.connection < 3 ? [.drop] : [Self.page([], "b")]
            case "b": return [Self.page(["two"], "c", lost: [.init(.stdout, bytes: 9)])]
            default: return []
            }
        }) { (fixture: Fixture) async throws in
            var pages = fixture.client.logPages(service).makeAsyncIterator()
            #expect(try await pages.next()?.entries.map(\.text) == ["one"])
            let second = try #require(try await pages.next())
            #expect(second.entries.map(\.text) == ["two"] && second.lost == [.init(.stdout, bytes: 9)])
            let waits = try Self.asked(fixture).compactMap(\.waitSeconds)
            #expect(waits.count == 3 && waits.allSatisfy { $0 > 0 && $0 <= 60 })
        }
    }

    @Test func cancelledFollowerEnds() async throws {
        try await Fixture.with({ call in
            (try? call.parameters(ServiceLogs.self).cursor) == nil ? [Self.page(["one"], "a")] : []
        }) { (fixture: Fixture) async throws in
            let client = fixture.client
            let follower = Task { for try await _ in client.logEntries(service) {} }
            try await fixture.daemon.waitForCalls("the wait") { $0.count == 2 }
            follower.cancel()
            await #expect(throws: (any Error).self) { try await follower.value }
        }
    }

    @Test func anOlderDaemonRefusesPages() async throws {
        try await Fixture.with({ call in
            call.asksForPage
                ? [.refuse(WireError(.invalidParameters, "cannot read the request at params: 'stream' is missing"))]
                : [.reply(ServiceLogs.Piece(text: "old\n", next: 4, path: "/l"))]
        }) { (fixture: Fixture) async throws in
            let refusal = await #expect(throws: WireError.self) {
                try await fixture.client.logs(service, LogSelection())
            }
            #expect(refusal?.code == .invalidParameters)
            #expect(try await fixture.client.logs(service, stream: .stdout).text == "old\n")
        }
    }

    @Test func logsAreClearedOnce() async throws {
        try await Fixture.with({ $0.connection == 1 ? [.reply(ClearServiceLogs.Reply(paths: ["/l"]))] : [.drop] }) {
            (fixture: Fixture) async throws in
            #expect(try await fixture.client.clearLogs(service) == ["/l"])
        }
        try await Fixture.with({ _ in [.drop] }) { (fixture: Fixture) async throws in
            let failure = await #expect(throws: WireError.self) { try await fixture.client.clearLogs(service) }
            #expect(failure?.code == .connectionLost && fixture.daemon.calls.count == 1)
        }
    }
}
