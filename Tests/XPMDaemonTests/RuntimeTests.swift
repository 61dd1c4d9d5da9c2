import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// What is saved of a service must be read by every later release: these texts are never edited, only added to.
@Suite struct RuntimeTests {
    private static let live = AttemptID(rawValue: 7)
    private static let next = AttemptID(rawValue: 8)

    static let saved: [(phase: Phase, text: String)] = [
        (.idle(failure: nil, residue: nil), #"{"idle":{}}"#),
        (.idle(failure: nil, residue: live), #"{"idle":{"residue":7}}"#),
        (
            .idle(failure: .notSpawned(#"cannot run "x""#), residue: nil),
            #"{"idle":{"failure":{"notSpawned":{"_0":"cannot run \"x\""}}}}"#
        ),
        (
            .idle(failure: .endedEarly(.code(1)), residue: live),
            #"{"idle":{"failure":{"endedEarly":{"_0":{"code":{"_0":1}}}},"residue":7}}"#
        ),
        (
            .idle(failure: .ended(.signal(9)), residue: live),
            #"{"idle":{"failure":{"ended":{"_0":{"signal":{"_0":9}}}},"residue":7}}"#
        ),
        (
            .idle(failure: .ended(.unknown), residue: nil),
            #"{"idle":{"failure":{"ended":{"_0":{"unknown":{}}}}}}"#
        ),
        (.idle(failure: .notReady, residue: nil), #"{"idle":{"failure":{"notReady":{}}}}"#),
        (.idle(failure: .unkillable, residue: live), #"{"idle":{"failure":{"unkillable":{}},"residue":7}}"#),
        (.starting(next, .clearing(live)), #"{"starting":{"_0":8,"_1":{"clearing":{"_0":7}}}}"#),
        (.starting(live, .spawning), #"{"starting":{"_0":7,"_1":{"spawning":{}}}}"#),
        (.starting(live, .probing), #"{"starting":{"_0":7,"_1":{"probing":{}}}}"#),
        (.running(live), #"{"running":{"_0":7}}"#),
        (.stopping(live, .terminating, next: nil, failure: nil), #"{"stopping":{"_0":7,"_1":{"terminating":{}}}}"#),
        (
            .stopping(live, .killing, next: next, failure: .notReady),
            #"{"stopping":{"_0":7,"_1":{"killing":{}},"failure":{"notReady":{}},"next":8}}"#
        ),
    ]

    @Test(arguments: saved.indices)
    func phaseIsSavedAndReadAsEver(index: Int) throws {
        let (phase, text) = Self.saved[index]
        #expect(String(decoding: try Wire.encode(phase), as: UTF8.self) == text)
        #expect(try Wire.decode(Phase.self, from: text.utf8) == phase)
    }

    @Test(arguments: saved.indices)
    func runtimeIsTheSameAfterSavingAndReading(index: Int) throws {
        var runtime = Runtime(since: Timestamp(milliseconds: 1_795_342_500_250))
        runtime.phase = Self.saved[index].phase
        #expect(try Wire.decode(Runtime.self, from: Wire.encode(runtime)) == runtime)
        runtime.attempt = AttemptID(rawValue: UInt64(Int64.max))
        runtime.pid = 4711
        runtime.startTime = 123_456_789
        runtime.keeper = KeeperIdentity(instance: .max, bootID: "0b1c")
        runtime.url = "http://127.0.0.1:6006/"
        runtime.exit = ExitReport(signal: "SIGKILL", at: Timestamp(milliseconds: 1))
        runtime.error = "was killed by SIGKILL\n\u{1F600}"
        runtime.stdoutStart = 1 << 40
        runtime.stderrStart = 3
        #expect(try Wire.decode(Runtime.self, from: Wire.encode(runtime)) == runtime)
    }

    @Test func recordOfTheFirstReleaseIsRead() throws {
        let text = """
            {"attempt":7,"error":"exited with code 1","exit":{"at":"2026-11-22T10:15:01.000Z","code":1},\
            "keeper":{"bootID":"0b1c","instance":"ffffffffffffffff"},\
            "phase":{"idle":{"failure":{"ended":{"_0":{"code":{"_0":1}}}},"residue":7}},"pid":4711,\
            "since":"2026-11-22T10:15:00.250Z","startTime":99,"stderrStart":3,"stdoutStart":12,"url":"http://h/"}
            """
        let runtime = try Wire.decode(Runtime.self, from: text.utf8)
        #expect(runtime.phase == .idle(failure: .ended(.code(1)), residue: Self.live))
        #expect(runtime.keeper == KeeperIdentity(instance: .max, bootID: "0b1c"))
        #expect(runtime.exit == ExitReport(code: 1, at: Timestamp(milliseconds: 1_795_342_501_000)))
        #expect(runtime.pid == 4711 && runtime.startTime == 99 && runtime.url == "http://h/")
        #expect(runtime.stdoutStart == 12 && runtime.stderrStart == 3)
        #expect(String(decoding: try Wire.encode(runtime), as: UTF8.self) == text)
    }

    @Test func fieldsOfLaterReleasesAreIgnored() throws {
        let text =
            #"{"phase":{"running":{"_0":7}},"since":"2026-11-22T10:15:00.250Z","stderrStart":0,"stdoutStart":0,"new":[1]}"#
        #expect(try Wire.decode(Runtime.self, from: text.utf8).phase == .running(Self.live))
    }
}
