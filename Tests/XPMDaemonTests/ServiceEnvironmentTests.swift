import Testing

@testable import XPMDaemon

@Suite struct ServiceEnvironmentTests {
    static let supervisors = [
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "INVOCATION_ID",
        "JOURNAL_STREAM", "MAINPID", "MANAGERPID", "SYSTEMD_EXEC_PID", "SWIFT_BACKTRACE",
    ]

    @Test(arguments: supervisors)
    func nothingOfTheSupervisorsLeaksIntoAService(key: String) {
        #expect(
            ServiceEnvironment.entries([key: "1", "A": "b"], names: [:], marker: "XPM_ATTEMPT=i.7") == [
                "A=b", "XPM_ATTEMPT=i.7",
            ])
        #expect(ServiceEnvironment.cleaned([key: "1", "A": "b"]) == ["A": "b"])
    }

    @Test func namesOfTheServiceWinAndTheMarkerIsThereOnce() {
        let entries = ServiceEnvironment.entries(
            ["XPM_SERVICE": "forged", "XPM_ATTEMPT": "forged", "PATH": "/bin", "EMPTY": "", "TEXT": "a=b\nc"],
            names: ["XPM_SERVICE": "exp@run:board"], marker: "XPM_ATTEMPT=i.7")
        #expect(entries == ["EMPTY=", "PATH=/bin", "TEXT=a=b\nc", "XPM_SERVICE=exp@run:board", "XPM_ATTEMPT=i.7"])
    }

    @Test func daemonStartedWithinAServiceIsNoPartOfIt() {
        let cleaned = ServiceEnvironment.cleaned([
            "XPM_ATTEMPT": "i.1", "XPM_SERVICE": "s", "XPMD_SOCKET": "/s", "XPMDATA": "mine", "HOME": "/h",
        ])
        #expect(cleaned == ["XPMDATA": "mine", "HOME": "/h"])
    }
}
