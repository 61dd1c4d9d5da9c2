import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct StopSignalTests {
    @Test(arguments: [
        ("SIGHUP", SIGHUP), ("SIGINT", SIGINT), ("SIGQUIT", SIGQUIT), ("SIGABRT", SIGABRT), ("SIGKILL", SIGKILL),
        ("SIGUSR1", SIGUSR1), ("SIGUSR2", SIGUSR2), ("SIGALRM", SIGALRM), ("SIGTERM", SIGTERM), ("SIGWINCH", SIGWINCH),
        ("SIGRTMIN", 34), ("SIGRTMIN+3", 37), ("SIGRTMIN+30", 64),
    ])
    func signalIsReadInEverySpelling(name: String, number: Int32) throws {
        let short = String(name.dropFirst(3))
        for spelling in [name, short, name.lowercased(), short.lowercased(), "sIg" + short, String(number)] {
            let signal = try StopSignal(named: spelling)
            #expect(signal.name == name)
            #expect(signal.number == number)
        }
        #expect(SignalName.text(number) == name)
    }

    @Test(arguments: [("RTMAX", 64), ("sigrtmax-2", 62), ("iot", SIGABRT)] as [(String, Int32)])
    func otherNamesOfASignalAreRead(name: String, number: Int32) throws {
        #expect(try StopSignal(named: name).number == number)
    }

    @Test(arguments: [
        "SIGSTOP", "cont", "17", "", "SIG", "SIGSIGTERM", "0", "-15", "+15", "15 ", "32", "33", "65", "99999999999",
        "RTMIN-1", "RTMIN+31", "RTMIN+", "RTMIN++1", "RTMAX+1", "١٥",
    ])
    func whatEndsNoProcessIsRefused(name: String) {
        let error = #expect(throws: WireError.self) { try StopSignal(named: name) }
        #expect(error?.code == .invalidParameters)
        #expect(error?.message.hasPrefix("cannot stop a service by \(Name.quoted(name)): use one of SIGABRT, ") == true)
    }

    @Test(arguments: [
        (SIGSEGV, "SIGSEGV"), (SIGPIPE, "SIGPIPE"), (42, "SIGRTMIN+8"), (32, "signal 32"), (0, "signal 0"),
    ])
    func anySignalHasAName(number: Int32, name: String) { #expect(SignalName.text(number) == name) }

    @Test func numbersAreThoseOfThisMachine() {
        for number in [SIGHUP, SIGBUS, SIGUSR1, SIGUSR2, SIGCHLD, SIGCONT, SIGSTOP, SIGIO, SIGPWR, SIGSYS] {
            #expect(SignalName.number(SignalName.text(number)) == number)
        }
        #expect(SignalName.number("USR1") == SIGUSR1 && SignalName.number("IO") == SIGIO)
    }
}
