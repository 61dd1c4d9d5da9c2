import Testing
import XPMProtocol

@testable import XPMCommands

@Suite struct JournalLogTests {
    private static let command = ["journalctl", "-t", "lab@r1:it's", "_UID=7"]
    private let refusal = WireError(
        .unsupported, "cannot read the log", data: ["arguments": .array(Self.command.map(JSONValue.string))])

    @Test func refusalThatNamesACommandIsALogInTheJournal() {
        #expect(JournalLog(refusal) != nil)
    }

    @Test(arguments: [
        WireError(.unsupported, "cannot read the log"),
        WireError(.notFound, "cannot find it", data: ["arguments": .array([.string("journalctl")])]),
        WireError(.unsupported, "cannot read the log", data: ["arguments": .array([.string("sh"), .string("-c")])]),
        WireError(
            .unsupported, "cannot read the log", data: ["arguments": .array([.string("journalctl"), .integer(1)])]),
    ])
    func otherErrorsAreNone(error: WireError) {
        #expect(JournalLog(error) == nil)
    }

    @Test func optionsAreThoseOfJournalctl() throws {
        let log = try #require(JournalLog(refusal))
        let fixed = ["--quiet", "--no-pager", "--all", "--output=json", "--output-fields=MESSAGE,PRIORITY"]
        let both = ServiceLogs.Stream.allCases
        #expect(log.arguments(for: .init(streams: both, lines: 20)) == Self.command + fixed + ["--lines=20"])
        #expect(
            log.arguments(for: .init(streams: [.stderr], since: Timestamp(milliseconds: 1_700_000_000_005)))
                == Self.command + fixed + ["PRIORITY=4", "--since=@1700000000.005"])
        #expect(
            log.arguments(
                for: .init(streams: [.stdout], lines: 0, until: Timestamp(milliseconds: 1500), follow: true))
                == Self.command + fixed + ["PRIORITY=6", "--lines=0", "--until=@1.500", "--follow"])
        #expect(
            log.arguments(for: .init(streams: both, grep: "a|b")) == Self.command + fixed
                + ["--grep=a|b", "--case-sensitive=true"])
        #expect(
            log.arguments(for: .init(streams: both, follow: true)) == Self.command + fixed + ["--follow", "--no-tail"])
    }

    @Test func entryBecomesALine() throws {
        let json = #"{"MESSAGE":"50%\r100%","PRIORITY":"4","__REALTIME_TIMESTAMP":"1700000000123456","_BOOT_ID":"a"}"#
        let line = try #require(JournalLine(json: Array(json.utf8)))
        #expect(line.text == "50%\r100%" && line.stream == .stderr)
        #expect(line.at == Timestamp(milliseconds: 1_700_000_000_123))
        #expect(line.piece.text == "50%\r100%\n" && line.piece.times == [.init(at: line.at, lines: 1)])
    }

    @Test func bytesThatAreNoTextBecomeText() throws {
        let json = #"{"MESSAGE":[104,255,27],"PRIORITY":"6","__REALTIME_TIMESTAMP":"1000"}"#
        let line = try #require(JournalLine(json: Array(json.utf8)))
        #expect(line.text == "h\u{fffd}\u{1b}" && line.stream == .stdout)
    }

    @Test(arguments: ["", "{}", "no JSON", #"{"MESSAGE":null,"__REALTIME_TIMESTAMP":"1"}"#, #"{"MESSAGE":"a"}"#])
    func entryWithoutMessageIsNone(json: String) {
        #expect(JournalLine(json: Array(json.utf8)) == nil)
    }
}
