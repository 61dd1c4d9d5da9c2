import Testing
import XPMProtocol
import XPMStore

@testable import XPMDaemon

/// Records that this xpmd cannot read: they are told of, and stay as they are.
@Suite struct UnreadableRecordTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Saves something as it would never be.
    private func commit(_ changes: [Change]) throws {
        let fixture = try SupervisorFixture(stateFolder: scratch.path)
        defer { fixture.close() }
        try fixture.turn { $0.ledger.append(changes, policy: .kept) }
        try fixture.drain()
    }

    private func service(
        _ key: Int64, of experiment: Int64, _ id: String, definition: String? = nil, runtime: String? = nil
    )
        -> Change
    {
        let known = #"{"arguments":["/bin/true"],"kind":"command"}"#
        let idle = #"{"phase":{"idle":{}},"since":"2026-11-22T10:15:00.250Z","stdoutStart":0,"stderrStart":0}"#
        return .putService(
            ServiceRow(
                key: key, experiment: experiment, id: id, description: "",
                definition: definition ?? #"{"run":\#(known)}"#,
                wanted: true, runtime: runtime ?? idle))
    }

    private func run(_ key: Int64, _ name: String, mode: String = "NORMAL", status: String = "open") -> Change {
        .putExperiment(
            ExperimentRow(key: key, workspace: "/", name: name, run: "r1", mode: mode, status: status, openedAt: 1))
    }

    /// Definitions and runtimes; nil for one that is well.
    private static let damages: [(String?, String?)] = [
        ("{", nil), (#"{"run":{"kind":"rocket"}}"#, nil), (nil, "x"), (nil, #"{"phase":{"flying":{}}}"#), (nil, ""),
        ("[]", "[]"),
    ]

    @Test(arguments: damages)
    func serviceIsInErrorAndSaysWhy(definition: String?, runtime: String?) throws {
        let bad = service(2, of: 1, "bad", definition: definition, runtime: runtime)
        try commit([run(1, "exp"), bad, service(3, of: 1, "good")])
        for _ in 0..<2 {
            let fixture = try SupervisorFixture(stateFolder: scratch.path)
            defer { fixture.close() }
            let (record, note) = try fixture.turn { supervisor in
                (try supervisor.registry.resolve(ServiceReference(id: "bad")).record, supervisor.unreadable.note)
            }
            #expect(record.state == .error && record.error?.hasPrefix("its record cannot be read: ") == true)
            #expect(
                note == "1 record in the database cannot be read: service 'exp@r1:bad'; "
                    + "they stay as they are, and their processes keep running as strays")
            let answers = try fixture.ask(SupervisorFixture.start("bad"), SupervisorFixture.start("good"))
            #expect(answers[0].error?.message.contains("its record cannot be read") == true)
            #expect(answers[1].error == nil)
            try fixture.drain()
            let row = try fixture.store.load().services.first { $0.key == 2 }
            #expect(Change.putService(try #require(row)) == bad)
        }
    }

    @Test(arguments: [("WARP", "open"), ("NORMAL", "melted")])
    func experimentIsNamedAndItsServicesAreKnownByIt(mode: String, status: String) throws {
        try commit([
            run(1, "exp", mode: mode, status: status), service(2, of: 1, "a"), run(3, "fine"), service(4, of: 3, "b"),
        ])
        let fixture = try SupervisorFixture(stateFolder: scratch.path)
        defer { fixture.close() }
        try fixture.turn { supervisor in
            #expect(supervisor.unreadable.note?.contains("experiment 'exp@r1'") == true)
            let lost = RunIdentity(workspace: "/", experiment: "exp", run: "r1")
            #expect(supervisor.unreadable.have(ServiceIdentity(run: lost, id: "a")))
            let fine = RunIdentity(workspace: "/", experiment: "fine", run: "r1")
            #expect(!supervisor.unreadable.have(ServiceIdentity(run: fine, id: "b")))
            #expect(supervisor.registry.services.count { _ in true } == 1)
        }
        #expect(try fixture.store.load().services.count == 2)
    }

    @Test func noteIsBounded() {
        var records = UnreadableRecords()
        #expect(records.note == nil)
        let run = RunIdentity(workspace: "/", experiment: "exp", run: "r1")
        let long = String(repeating: "x", count: 1000)
        for number in 0..<10_000 { records.note(ServiceIdentity(run: run, id: "s\(number)\(long)")) }
        let note = records.note ?? ""
        #expect(note.hasPrefix("10000 records in the database") && note.contains(" and 9995 more;"))
        #expect(note.utf8.count < 5000)
    }
}
