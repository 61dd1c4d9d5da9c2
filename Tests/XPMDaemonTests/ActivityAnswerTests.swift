import Testing
import XPMProtocol

@testable import XPMDaemon

/// What a page says of a service's activity, and what may be asked at all.
@Suite struct ActivityAnswerTests {
    private func answer(_ text: String, _ fields: String) -> ActivityAnswer {
        ActivityAnswer(Array(text.utf8), fields.split(separator: ",").map { ActivityField($0) })
    }

    private static let kernels = #"""
        [{"execution_state":"idle","last_activity":"2026-11-22T10:15:00.250Z","connections":1},
         {"execution_state":"STATE","last_activity":"2026-11-22T09:15:00+00:00"}]
        """#

    @Test(arguments: [
        (#"{"busy": 1}"#, "busy"), (#"{"busy": 0.5}"#, "busy"), (#"{"busy": true}"#, "busy"),
        (#"{"a": {"b": [0, 0, 2]}}"#, "a.b.*"), (#"["idle", "busy"]"#, "*"),
        (#"{"x": {"n": 0}, "y": {"n": 3}}"#, "*.n"),
        (#"{"a": 0, "b": 1}"#, "a, b"),
    ])
    func serviceIsBusy(text: String, fields: String) { #expect(answer(text, fields) == .busy) }

    @Test(arguments: [
        (#"{"busy": 0}"#, "busy"), (#"{"busy": false}"#, "busy"), (#"{"busy": null}"#, "busy"), ("[]", "*.state"),
        (#"[{"state": "idle"}, {"state": "starting"}]"#, "*.state"), (#"{"a": -1}"#, "a"),
    ])
    func serviceIsIdle(text: String, fields: String) { #expect(answer(text, fields) == .idle(since: nil)) }

    @Test func lastOfAllTimesCounts() {
        let text = Self.kernels.replacing("STATE", with: "idle")
        let latest = Timestamp(parsing: "2026-11-22T10:15:00.250Z")
        #expect(answer(text, "*.execution_state,*.last_activity") == .idle(since: latest))
    }

    @Test func oneKernelThatComputesIsEnough() {
        let text = Self.kernels.replacing("STATE", with: "busy")
        #expect(answer(text, "*.execution_state,*.last_activity") == .busy)
    }

    @Test(arguments: [
        ("<html>", "busy", "not JSON"), (#"{"a": 1}"#, "b", "has no 'b'"), ("[1]", "a", "has no 'a'"),
        (#"{"a": 1}"#, "a.*", "has no '*'"),
        ("[" + String(repeating: "0,", count: 10_000) + "0]", "*", "more than 10000 values"),
    ])
    func whatIsNotUnderstoodIsNeither(text: String, fields: String, said: String) {
        guard case .unclear(let reason) = answer(text, fields) else {
            Issue.record("\(fields) was understood")
            return
        }
        #expect(reason.contains(said))
    }

    @Test(arguments: [
        IdlePolicy(afterSeconds: 0.5), IdlePolicy(afterSeconds: -1), IdlePolicy(afterSeconds: 2e9),
        IdlePolicy(afterSeconds: 1, probe: ActivityProbe()),
        IdlePolicy(afterSeconds: 1, probe: ActivityProbe(command: [])),
        IdlePolicy(afterSeconds: 1, probe: ActivityProbe(http: ActivityPage(path: "x", field: "a"))),
        IdlePolicy(afterSeconds: 1, probe: ActivityProbe(http: ActivityPage(path: "/x y", field: "a"))),
        IdlePolicy(afterSeconds: 1, probe: ActivityProbe(http: ActivityPage(path: "/x", field: ""))),
        IdlePolicy(afterSeconds: 1, probe: ActivityProbe(http: ActivityPage(path: "/x", field: "a..b"))),
        IdlePolicy(
            afterSeconds: 1, probe: ActivityProbe(http: ActivityPage(path: "/x", field: "a"), command: ["true"])),
    ])
    func whatCannotBeAskedIsRefused(policy: IdlePolicy) {
        #expect(throws: WireError.self) { _ = try IdlePlan(policy, id: "a") }
    }

    @Test(arguments: [(30, "30 s"), (90, "90 s"), (1800, "30 min"), (7200, "2 h"), (86400, "1 d"), (1.5, "1.5 s")])
    func timeIsToldInItsLargestUnit(seconds: Double, text: String) {
        #expect(Duration.seconds(seconds).wholeText == text)
    }
}
