import Testing

@testable import XPMKeeping

struct NoticesTests {
    private func notices(_ datagrams: String...) -> Notices {
        var notices = Notices()
        for datagram in datagrams { notices.add(Notices.read(Array(datagram.utf8), from: 7)) }
        return notices
    }

    @Test func linesEndAtLineEndsAloneAndVariablesAtTheEqualsSign() {
        let notices = notices("STATUS=\u{301}x\r\nREADY=1")
        #expect(notices.latest.map(\.variable) == [.status, .ready])
        #expect(notices.latest.map(\.line) == ["STATUS=\u{301}x\r", "READY=1"])
    }

    /// Thousands of lines that nobody knows, or that say the same, are none or one.
    @Test func onlyTheLastLineOfEachKnownVariableIsTold() {
        let flood = String(repeating: "A=1\n", count: 2_000)
        #expect(notices(flood).latest.isEmpty)
        #expect(notices(flood + "STATUS=on", "READY=1\n" + flood).text == "STATUS=on\nREADY=1")
        #expect(notices((0..<500).map { "STATUS=\($0)" }.joined(separator: "\n")).text == "STATUS=499")
        #expect(notices("STATUSES=1", "status=1", "STATUS", "=", "", "READYREADY=1").latest.isEmpty)
    }

    @Test func manyDatagramsAreToldInOne() {
        var notices = Notices()
        for number in 0..<1_000 { notices.add(Notices.read(Array("X_XPM_URL=http://h/\(number)".utf8), from: 7)) }
        #expect(notices.text == "X_XPM_URL=http://h/999")
    }

    /// What is of the moment is not taken back by what is said behind it.
    @Test func everyWordOfTheMomentCounts() {
        let said = notices("WATCHDOG=trigger", "WATCHDOG=1", "EXTEND_TIMEOUT_USEC=9000000", "EXTEND_TIMEOUT_USEC=1")
        #expect(said.text == "WATCHDOG=trigger\nWATCHDOG=1\nEXTEND_TIMEOUT_USEC=9000000\nEXTEND_TIMEOUT_USEC=1")
        #expect(notices("READY=1", "READY=0", "STOPPING=1\r").text == "READY=1")
        #expect(notices("WATCHDOG_USEC=5", "WATCHDOG_USEC=6", "WATCHDOG_USEC=5").text == "WATCHDOG_USEC=5")
    }

    @Test func whatIsNoTextIsNotHeard() {
        #expect(Notices.read([0xFF] + Array("\nREADY=1".utf8), from: 7).isEmpty)
    }

    /// So many datagrams of one attempt are heard in a window of time; others are heard meanwhile.
    @Test func whoSaysMuchRestsAndNobodyElseDoes() {
        var sockets = NotifySockets()
        for number: UInt64 in [1, 2] {
            sockets.add(number, .init(attempt: number, path: "/nowhere/\(number)", descriptor: Descriptor(-1)))
        }
        let most = NotifySockets.perWindow
        #expect(sockets.mayHear(1, at: 100) == most)
        sockets.heard(1, most - 10)
        #expect(sockets.mayHear(1, at: 101) == 10)
        sockets.heard(1, 10)
        #expect(sockets.mayHear(1, at: 102) == nil && sockets.isResting(1))
        #expect(sockets.mayHear(2, at: 102) == most)
        #expect(sockets.patience(at: 102) == Int32(NotifySockets.window - 2))
        #expect(sockets.endRests(at: 102).isEmpty)
        #expect(sockets.endRests(at: 100 + NotifySockets.window) == [1])
        #expect(sockets.mayHear(1, at: 100 + NotifySockets.window) == most)
        #expect(sockets.patience(at: 102) == nil)
    }
}
