import Glibc
import NIOCore
import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Services whose template is on a file system that hangs: made by work of the same path that does.
@Suite struct FresheningTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        try scratch.folder("state/templates")
        try scratch.write(
            "state/templates/nap.toml", "command = ['/bin/sleep', '1000']\n[restart]\npolicy = 'always'\ndelay_s = 7\n")
        fixture = try SupervisorFixture(stateFolder: scratch.path + "/state")
        _ = try fixture.ask(SupervisorFixture.open())
    }

    private var path: String { scratch.path + "/state/templates/nap.toml" }
    private let nap = Run.template("nap", parameters: [:])

    private func hang() -> (gate: Gate, hung: EventLoopFuture<Void>) {
        let gate = Gate()
        let hung = Workers.userFiles.run(.path(path), on: fixture.loop) { gate.hang() }
        gate.await()
        return (gate, hung)
    }

    @Test func additionAndStartAreRefusedAndNobodyElseWaits() throws {
        defer { fixture.close() }
        _ = try fixture.ask(SupervisorFixture.add("known", nap), SupervisorFixture.add("other"))
        let hanging = hang()
        try fixture.turn { $0.userFiles.patience = .milliseconds(50) }
        let waiting = try fixture.send([SupervisorFixture.add("new", nap), SupervisorFixture.start("known")])
        try fixture.turn { $0.userFiles.patience = .hours(1) }
        #expect(try fixture.ask(SupervisorFixture.start("other"))[0].error == nil)
        for refusal in try waiting.map({ try SupervisorFixture.read($0).error }) {
            #expect(refusal?.code == .fileSystemUnresponsive && refusal?.message.contains(path) == true)
        }
        // What was planned before holds, so that a restart to come is not forgotten.
        let plan = try fixture.turn { supervisor in
            let plan = try supervisor.registry.resolve(ServiceReference(id: "known")).plan
            return (plan.fault?.code, plan.restart.mode == .always)
        }
        #expect(plan == (.fileSystemUnresponsive, true))
        hanging.gate.open()
        try hanging.hung.awaited("what hung")
        // It is planned again without anybody asking for it.
        while try fixture.turn({ try $0.registry.resolve(ServiceReference(id: "known")).plan.fault != nil }) {}
        #expect(try fixture.ask(SupervisorFixture.start("known"))[0].error == nil)
    }

    @Test func editCountsForTheNextStart() throws {
        defer { fixture.close() }
        _ = try fixture.ask(SupervisorFixture.add("known", nap))
        unlink(path)
        try scratch.write("state/templates/nap.toml", "command = ['/nonexistent/program']\n")
        #expect(try fixture.ask(SupervisorFixture.start("known"))[0].error?.code == .commandNotFound)
    }
}
