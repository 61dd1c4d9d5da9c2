import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon
@testable import XPMTemplates

@Suite struct StopSignalTests {
    @Test(arguments: [
        ("SIGHUP", SIGHUP), ("SIGINT", SIGINT), ("SIGQUIT", SIGQUIT), ("SIGABRT", SIGABRT), ("SIGKILL", SIGKILL),
        ("SIGUSR1", SIGUSR1), ("SIGUSR2", SIGUSR2), ("SIGALRM", SIGALRM), ("SIGTERM", SIGTERM), ("SIGWINCH", SIGWINCH),
    ])
    func nameIsReadWithAndWithoutItsPrefix(name: String, number: Int32) throws {
        for spelling in [name, String(name.dropFirst(3))] {
            let signal = try StopSignal(named: spelling)
            #expect(signal.name == name)
            #expect(signal.number == number)
        }
        #expect(StopSignal.name(of: number) == name)
    }

    @Test(arguments: ["SIGSTOP", "SIGCONT", "SIGCHLD", "sigterm", "15", "", "SIG", "SIGSIGTERM"])
    func whatEndsNoProcessIsRefused(name: String) {
        let error = #expect(throws: WireError.self) { try StopSignal(named: name) }
        #expect(error?.code == .invalidParameters)
        #expect(error?.message.hasPrefix("cannot stop a service by \(Name.quoted(name)): use one of SIGABRT, ") == true)
    }

    @Test func everySignalThatATemplateMayNameIsAccepted() throws {
        for name in Template.signals { #expect(try StopSignal(named: name).name == name) }
    }

    @Test(arguments: [(SIGSEGV, "SIGSEGV"), (SIGPIPE, "SIGPIPE"), (42, "signal 42"), (0, "signal 0")])
    func anySignalHasAName(number: Int32, name: String) { #expect(StopSignal.name(of: number) == name) }
}
