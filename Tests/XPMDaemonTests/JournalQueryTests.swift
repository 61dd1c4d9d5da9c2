import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct JournalQueryTests {
    @Test func logInTheJournalIsRefusedWithTheCommandThatShowsIt() {
        let refusal = JournalQuery("lab@r1:web", user: 7).refusal
        #expect(refusal.code == .unsupported)
        #expect(refusal.data["command"] == .string("journalctl -t 'lab@r1:web' _UID=7"))
        let words = ["journalctl", "-t", "lab@r1:web", "_UID=7"]
        #expect(refusal.data["arguments"] == .array(words.map(JSONValue.string)))
    }

    @Test func nameCannotLeaveItsQuotes() {
        #expect(JournalQuery("a'; id'", user: 7).command == #"journalctl -t 'a'\''; id'\''' _UID=7"#)
    }
}
