import Testing

@testable import XPMDaemon

@Suite struct NotificationTests {
    @Test(arguments: ["STATUS=x\r\nREADY=1", "STATUS=x\n\u{301}\nREADY=1", "READY=1\nSTATUS=x\r\n"])
    func linesEndAtLineEndsAlone(text: String) { #expect(Notification(text).isReady) }

    @Test func valuesMayBeginWithAnAccent() {
        #expect(Notification("STATUS=\u{301}x").status == "\u{301}x")
        #expect(Notification("STATUS=a\u{301}=b").status == "a\u{301}=b")
    }

    @Test(arguments: [
        ("1", Duration.microseconds(1)), ("1000000000000000", .seconds(1_000_000_000)),
        // What is more than can be counted is as much as can be: to others it is "forever".
        ("1000000000000001", .seconds(1_000_000_000)), ("18446744073709551615", .seconds(1_000_000_000)),
        ("99999999999999999999999999", .seconds(1_000_000_000)),
        ("0", nil), ("-1", nil), ("", nil), ("1e9", nil), (" 5", nil), ("5 s", nil), ("\u{665}", nil),
    ])
    func timesAreMicroseconds(text: String, time: Duration?) {
        #expect(Notification("EXTEND_TIMEOUT_USEC=\(text)").moreTime == time)
        #expect(Notification("WATCHDOG_USEC=\(text)").watchdog == time)
    }
}
