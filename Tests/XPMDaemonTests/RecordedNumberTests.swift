import Testing
import XPMKeeping
import XPMProtocol
import XPMStore

@testable import XPMControl
@testable import XPMDaemon

/// Records whose numbers xpmd has not written: damaged, or edited by somebody.
@Suite struct RecordedNumberTests {
    private let scratch: Scratch
    private static let most = "9223372036854775807"
    private static let least = "-9223372036854775808"

    init() throws { scratch = try Scratch() }

    /// Saves something as it would never be.
    private func commit(_ changes: Change...) throws {
        let fixture = try SupervisorFixture(stateFolder: scratch.path)
        defer { fixture.close() }
        try fixture.turn { $0.ledger.append(changes, policy: .kept) }
        try fixture.drain()
    }

    @Test(arguments: [
        #""restarts":\#(most),"starts":\#(most),"restartCount":\#(most),"leftovers":\#(most)"#,
        #""restarts":\#(least),"starts":\#(least),"restartCount":\#(least),"revision":\#(least)"#,
        #""revision":\#(most),"queued":\#(most),"asked":{"verb":"start","revision":\#(most)}"#,
        #""graceSeconds":1e300,"stdoutStart":\#(most),"stderrStart":\#(most)"#,
        #""graceSeconds":-1e300,"stdoutStart":\#(least),"stderrStart":\#(least)"#,
        #""ender":{"reason":"stop","signal":2147483647},"pid":-1,"startTime":9223372036854775807"#,
        #""ending":{"at":"9999-12-31T23:59:59.999Z","uptime":\#(least),"bootID":""}"#,
        #""allotment":{"port":\#(most)}"#,
    ])
    func serviceOfAnyNumbersIsStartedAndEnds(numbers: String) throws {
        let first = try SupervisorFixture(stateFolder: scratch.path)
        #expect(try first.ask(SupervisorFixture.open(), SupervisorFixture.add("job")).allSatisfy { $0.error == nil })
        let key = try first.turn { try $0.registry.resolve(ServiceReference(id: "job")).key }
        first.close()
        let rest = ["stdoutStart", "stderrStart"].filter { !numbers.contains($0) }.map { "\"\($0)\":0," }.joined()
        let phase = #""phase":{"idle":{}},"since":"0000-01-01T00:00:00.000Z""#
        try commit(.updateService(key: key, wanted: true, runtime: "{\(rest)\(numbers),\(phase)}"))
        let second = try SupervisorFixture(stateFolder: scratch.path)
        defer { second.close() }
        try second.turn { $0.resumeRuns() }
        let answers = try second.ask(SupervisorFixture.start("job"))
        #expect(answers.allSatisfy { $0.error == nil }, "\(answers)")
        let attempt = try second.attempt(of: "job")
        try second.tell(
            .spawned(attempt: attempt, pid: 7, startTime: .max),
            .exited(attempt: attempt, .code(.min), atMilliseconds: .max),
            .spent(attempt: attempt, AttemptCost(microseconds: .max, memory: .max, outOfMemory: false)),
            .emptied(attempt: attempt))
        #expect(try second.state(of: "job") == .error)
    }

    @Test(arguments: [Int64.max, .min, -1]) func runsAndWorkspacesOfAnyTimeAreShown(number: Int64) throws {
        let details = #"{"order":\#(number)}"#
        let run = ExperimentRow(
            key: 1, workspace: "/", name: "exp", run: "r1", mode: "NORMAL", status: "done", openedAt: number,
            closedAt: number, details: details)
        try commit(.putExperiment(run), .putWorkspace(WorkspaceRow(key: 3, path: "/nowhere", since: number)))
        let fixture = try SupervisorFixture(stateFolder: scratch.path)
        defer { fixture.close() }
        let answers = try fixture.ask(
            { try $0.openExperiment(OpenExperiment(workspace: "/", experiment: "exp"), $1) },
            { $0.listWorkspaces(ListWorkspaces(), $1) })
        #expect(answers.allSatisfy { $0.error == nil }, "\(answers)")
    }
}
