import Testing
import XPMClient
import XPMProtocol

@testable import XPMWeb

@Suite struct WakeTests {
    let fixture: GatewayFixture
    let label: String
    let own: String

    init() throws {
        fixture = try GatewayFixture()
        label = OriginLabel(fixture.put(record("lab", .stopped))).text
        own = fixture.enter(label, with: try fixture.signIn())
    }

    private func open(_ line: String = "GET /tree", _ fields: [String] = GatewayFixture.navigation) -> RecordedEnd {
        fixture.send(line, [own] + fields, host: "\(label).localhost:8470")
    }

    private func change(_ state: ServiceState, revision: Int64, _ more: (inout ServiceRecord) -> Void = { _ in }) {
        fixture.put(
            record("lab", state) {
                $0.revision = revision
                $0.attempt = 1
                more(&$0)
            })
    }

    private func grant(revision: Int64 = 5) throws {
        let started = record("lab", .starting) { $0.revision = revision }
        fixture.daemon.answer("service.start", .success(String(decoding: try Wire.encode(started), as: UTF8.self)))
    }

    @Test func openingAPageStartsItsService() throws {
        let page = open()
        #expect(fixture.daemon.count("service.start") == 1)
        #expect(fixture.daemon.asked.last?.params.contains("\"id\":\"lab\"") == true)
        #expect(page.status == 503)
        #expect(page.field("Retry-After") != nil)
        #expect(page.text.contains("Starting lab"))
        try grant()
        change(.starting, revision: 5)
        _ = open()
        fixture.daemon.answerLogs("loading", "\u{1B}[31mready\u{1B}[0m soon")
        #expect(fixture.daemon.count("service.start") == 0)
        change(.running, revision: 6)
        #expect(open().forwarded != nil)
    }

    @Test func fiftyAtOnceAreOneStart() throws {
        for _ in 0..<25 { _ = open() }
        #expect(fixture.daemon.count("service.start") == 1)
        try grant()
        // The mirror does not show it yet.
        for _ in 0..<25 { _ = open() }
        #expect(fixture.daemon.count("service.start") == 0)
    }

    @Test(arguments: [
        ["Sec-Fetch-Mode: no-cors", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: image"],
        ["Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin"],
        ["Sec-Fetch-Mode: websocket", "Connection: Upgrade", "Upgrade: websocket"],
        [], ["Accept: text/html"], ["Sec-Fetch-Mode: navigate", "Sec-Purpose: prefetch;prerender"], ["X-XPM-Wake: 0"],
    ])
    func whatNobodyOpensStartsNothing(fields: [String]) {
        let end = open("GET /favicon.ico", fields)
        #expect(end.status == 503)
        #expect(end.field("Retry-After") != nil)
        #expect(fixture.daemon.count("service.start") == 0)
    }

    @Test func aProgramMaySaySo() {
        let end = open("GET /api", ["X-XPM-Wake: 1"])
        #expect(end.status == 503)
        #expect(end.field("Content-Type") == "application/json")
        #expect(end.text.contains("\"standing\":\"coming\""))
        #expect(fixture.daemon.count("service.start") == 1)
    }

    @Test func aPostIsRefusedWholeAndStartsNothing() {
        for fields in [[], ["X-XPM-Wake: 1"], ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: same-origin"]] {
            let end = open("POST /save", fields)
            #expect(end.status == 503 && end.forwarded == nil)
        }
        #expect(fixture.daemon.count("service.start") == 0)
    }

    @Test(arguments: [EndReason.stop, .force, .signal, .idle])
    func whatItsUserHasStoppedHasAButton(reason: EndReason) {
        change(.stopped, revision: 2) {
            $0.exit = ExitReport(signal: "SIGTERM", at: .now)
            $0.exit?.by = reason
        }
        let page = open()
        fixture.daemon.answerLogs("bye")
        #expect(fixture.daemon.count("service.start") == 0)
        #expect(
            page.text.contains(">Start</button>") && page.text.contains("lab was stopped") && page.text.contains("bye"))
        #expect(open("POST /.xpm/start", []).status == 403)
        #expect(fixture.daemon.count("service.start") == 0)
        _ = open("POST /.xpm/start", ["X-XPM-Request: 1", "Sec-Fetch-Site: same-origin"])
        #expect(fixture.daemon.count("service.start") == 1)
    }

    @Test(arguments: [EndReason.runEnd, .shutdown, .dependency, .other, .idle])
    func whatXpmdHasStoppedIsWoken(reason: EndReason) {
        change(.stopped, revision: 2) {
            $0.exit = ExitReport(signal: "SIGTERM", at: .now)
            $0.exit?.by = reason
            $0.isAsleep = reason == .idle
        }
        _ = open()
        #expect(fixture.daemon.count("service.start") == 1)
    }

    @Test func aFailureShowsItsCauseAndTheLastLines() {
        change(.error, revision: 2) { $0.error = "exited with code 3" }
        let page = open()
        fixture.daemon.answerLogs("Traceback", "ValueError: <no>")
        #expect(page.text.contains("exited with code 3") && page.text.contains("ValueError: &lt;no&gt;"))
        #expect(page.text.contains(">Retry</button>"))
        #expect(fixture.daemon.count("service.start") == 0)
        let json = open("GET /api", ["X-XPM-Wake: 1"])
        #expect(json.status == 503)
        #expect(json.text.contains("exited with code 3") && json.text.contains("\"failed\""))
    }

    @Test func aRefusedStartIsShownWithItsReason() {
        _ = open()
        fixture.daemon.answer("service.start", .failure(WireError(.commandNotFound, "cannot find 'jupyter'")))
        let state = open("GET /.xpm/wait", [])
        #expect(state.text.contains("\"standing\":\"failed\"") && state.text.contains("cannot find 'jupyter'"))
        let button = open("POST /.xpm/start", ["X-XPM-Request: 1"])
        fixture.daemon.answer("service.start", .failure(WireError(.commandNotFound, "cannot find 'jupyter'")))
        #expect(button.status == 409)
        #expect(button.text.contains("command_not_found"))
    }

    @Test func pagesThatWaitShareOneQuestion() {
        change(.starting, revision: 2)
        let ends = (0..<200).map { _ in open("GET /.xpm/wait", ["Sec-Fetch-Site: same-origin"]) }
        #expect(fixture.daemon.count("service.logs") == 1)
        #expect(ends.allSatisfy { $0.answered == nil })
        fixture.daemon.answerLogs("one line")
        #expect(ends.allSatisfy { $0.status == 200 && $0.text.contains("one line") })
    }

    @Test func aServiceThatHasChangedIsAskedOnceMore() {
        change(.starting, revision: 2)
        let early = open("GET /.xpm/wait", [])
        change(.error, revision: 3)
        let late = (0..<3).map { _ in open("GET /.xpm/wait", []) }
        fixture.daemon.answerLogs("loading")
        #expect(early.text.contains("loading") && late.allSatisfy { $0.answered == nil })
        fixture.daemon.answerLogs("loading", "Traceback")
        #expect(late.allSatisfy { $0.text.contains("Traceback") })
        #expect(open("GET /.xpm/wait", []).text.contains("Traceback"))
        #expect(fixture.daemon.asked.isEmpty)
    }

    @Test func aThousandTabsThatRetryCostNothing() {
        for _ in 0..<1000 {
            _ = open("GET /ws", ["Connection: Upgrade", "Upgrade: websocket", "Sec-Fetch-Mode: websocket"])
        }
        #expect(fixture.daemon.asked.isEmpty)
    }

    @Test func theOwnRoutesNeedASessionToo() {
        for (line, fields) in [("GET /.xpm/wait", []), ("POST /.xpm/start", ["X-XPM-Request: 1"])] {
            #expect(fixture.send(line, fields, host: "\(label).localhost:8470").status == 401)
        }
        #expect(open("POST /.xpm/start", ["X-XPM-Request: 1", "Origin: null"]).status == 403)
        #expect(fixture.daemon.asked.isEmpty)
    }
}
