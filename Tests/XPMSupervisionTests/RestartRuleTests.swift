import Testing
import XPMSupervision

/// What the rules of restarts make of the ends of a service.
@Suite struct RestartRuleTests {
    private let attempt = AttemptID(rawValue: 1)

    private func running(_ rules: RestartRules, restarts: Int = 0) -> ServiceMachine {
        var machine = ServiceMachine(phase: .running(attempt), restarts: restarts, awaitsReadiness: false)
        machine.rules = rules
        return machine
    }

    @Test(arguments: [
        (XPMSupervision.ExitStatus.code(0), true), (.code(7), true), (.code(1), false), (.signal(15), false),
        (.unknown, false),
    ])
    func successIsWhatTheDefinitionSays(status: XPMSupervision.ExitStatus, expected: Bool) {
        #expect(RestartRules(successCodes: [0, 7]).isSuccess(status) == expected)
    }

    @Test func failureIsRetriedAndItsProcessesAreEndedMeanwhile() {
        var machine = running(RestartRules(mode: .onFailure))
        let effects = machine.handle(.exited(attempt, .code(1)))
        #expect(machine.phase == .retrying(failure: .ended(.code(1)), residue: attempt))
        #expect(effects.contains(.scheduleRetry) && effects.contains(.terminateLeftovers(attempt)))
    }

    @Test func limitKeepsTheLastReason() {
        var machine = running(RestartRules(mode: .onFailure, limit: 2), restarts: 2)
        _ = machine.handle(.exited(attempt, .code(1)))
        #expect(
            machine.phase == .idle(failure: .gaveUp(restarts: 2, .ended(.code(1))), residue: attempt))
    }

    @Test func stableRunBeginsTheCountAnew() {
        var machine = running(RestartRules(mode: .onFailure, limit: 2), restarts: 2)
        #expect(machine.resumed() == [.watchHealth(attempt), .setTimer(.stable, attempt)])
        #expect(machine.handle(.timeUp(.stable, attempt)) == [])
        _ = machine.handle(.exited(attempt, .code(1)))
        #expect(machine.phase == .retrying(failure: .ended(.code(1)), residue: attempt))
    }

    @Test func successIsTheEndUnlessAlways() {
        var machine = running(RestartRules(mode: .onFailure))
        _ = machine.handle(.exited(attempt, .code(0)))
        #expect(machine.phase == .stopping(attempt, .terminating, next: nil, failure: nil))
        machine = running(RestartRules(mode: .always))
        _ = machine.handle(.exited(attempt, .code(0)))
        #expect(machine.phase == .retrying(failure: nil, residue: attempt))
    }

    @Test(arguments: RestartRules.Mode.allCases)
    func whatWasStoppedStaysAway(mode: RestartRules.Mode) {
        var machine = running(RestartRules(mode: mode))
        _ = machine.handle(.stop)
        _ = machine.handle(.exited(attempt, .signal(15)))
        _ = machine.handle(.emptied(attempt))
        #expect(machine.phase == .idle(failure: nil, residue: nil))
    }

    @Test func sickServiceIsRestartedWhateverTheRules() {
        var machine = running(RestartRules(mode: .never))
        let failure = Failure.unhealthy("no answer", restarts: true)
        _ = machine.handle(.failed(attempt, failure))
        #expect(machine.phase == .stopping(attempt, .terminating, next: nil, failure: failure))
        _ = machine.handle(.exited(attempt, .signal(15)))
        _ = machine.handle(.emptied(attempt))
        #expect(machine.phase == .retrying(failure: failure, residue: nil))
        #expect(machine.handle(.retry(AttemptID(rawValue: 2))) == [.record(.retried), .spawn(AttemptID(rawValue: 2))])
    }

    @Test(arguments: [Failure.unkillable, .blocked("no"), .unhealthy("no", restarts: false)])
    func someFailuresAreForPeople(failure: Failure) {
        var machine = ServiceMachine(
            phase: .stopping(attempt, .killing, next: nil, failure: failure), awaitsReadiness: false)
        machine.rules = RestartRules(mode: .always)
        _ = machine.handle(.emptied(attempt))
        #expect(machine.phase == .idle(failure: failure, residue: nil))
    }
}
