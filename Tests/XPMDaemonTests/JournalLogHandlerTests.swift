import Logging
import Testing

@testable import XPMDaemon

@Suite struct JournalLogHandlerTests {
    @Test func metadataBecomesFieldsThatCanBeAskedFor() {
        var handler = JournalLogHandler()
        handler[metadataKey: "service"] = "exp@r1:board"
        let event = LogEvent(
            level: .warning, message: "it is slow", metadata: ["experiment": "exp"], source: "", file: "", function: "",
            line: 1)
        #expect(
            handler.fields(of: event).sorted() == [
                "MESSAGE=it is slow", "PRIORITY=4", "SYSLOG_IDENTIFIER=xpmd", "XPM_EXPERIMENT=exp",
                "XPM_SERVICE=exp@r1:board",
            ])
    }
}
