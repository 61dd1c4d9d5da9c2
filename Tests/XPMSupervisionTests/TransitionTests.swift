import Testing
import XPMSupervision

@Suite struct TransitionTests {
    @Test(arguments: PhaseShape.allCases)
    func tableHasOneRowOfEveryPhaseAndItsSampleHasThatShape(shape: PhaseShape) {
        #expect(transitionTable.filter { $0.phase == shape }.count == 1)
        #expect(PhaseShape(shape.sample) == shape)
    }

    @Test func everyEventHasAShapeOfItsOwn() {
        for shape in EventShape.all {
            guard case .found(let finding, _) = shape else {
                #expect(EventShape.Finding(shape.sample) == nil)
                continue
            }
            #expect(EventShape.Finding(shape.sample) == finding)
        }
        #expect(Set(EventShape.all.map(\.sample)).count == EventShape.all.count)
    }

    @Test(arguments: transitionTable.indices)
    func rowNamesEveryEventOnce(index: Int) {
        let row = transitionTable[index]
        let named = row.ignored + row.moves.keys
        for shape in EventShape.all {
            let times = named.filter { $0 == shape }.count
            #expect(times == 1, "\(row.phase) names \(shape) \(times) times")
        }
    }

    @Test(arguments: transitionTable.indices)
    func eventLeadsWhereTheTableSays(index: Int) {
        let row = transitionTable[index]
        for shape in EventShape.all {
            var machine = ServiceMachine(phase: row.phase.sample, awaitsReadiness: true)
            let effects = machine.handle(shape.sample)
            let expected = row.moves[shape] ?? Row.Move(phase: row.phase.sample, effects: [])
            #expect(
                Row.Move(phase: machine.phase, effects: effects) == expected, "\(row.phase) and then \(shape)")
        }
    }

    @Test(arguments: transitionTable.indices)
    func withoutConditionsOfReadinessOnlyTheSpawnDiffers(index: Int) {
        let row = transitionTable[index]
        for shape in EventShape.all {
            var machine = ServiceMachine(phase: row.phase.sample, awaitsReadiness: false)
            let effects = machine.handle(shape.sample)
            if row.phase == .spawning, shape == .live(.spawned) {
                #expect(machine.phase == .running(Sample.live))
                #expect(effects == [.record(.spawned), .watchHealth(Sample.live)])
            } else {
                var other = ServiceMachine(phase: row.phase.sample, awaitsReadiness: true)
                #expect(effects == other.handle(shape.sample), "\(row.phase) and then \(shape)")
                #expect(machine.phase == other.phase, "\(row.phase) and then \(shape)")
            }
        }
    }

    @Test(arguments: PhaseShape.allCases)
    func resumedRepeatsWhatTheRecordedPhaseHadAskedFor(shape: PhaseShape) {
        let live = Sample.live
        let expected: [Effect] =
            switch shape {
            case .stopped, .failed: []
            case .running: [.watchHealth(live)]
            case .queued: [.awaitOthers(live)]
            case .retrying, .retryingWell: [.scheduleRetry]
            case .retryingDying, .retryingWellDying:
                [.terminateLeftovers(live), .setTimer(.grace, live), .scheduleRetry]
            case .held, .heldThenStart: [.awaitDependants(live)]
            case .leaving, .leavingThenStart: [.setTimer(.grace, live)]
            case .dying, .failedDying, .clearing: [.terminateLeftovers(live), .setTimer(.grace, live)]
            case .stuck: [.kill(live), .setTimer(.kill, live)]
            case .spawning: [.spawn(live)]
            case .probing: [.setTimer(.readiness, live), .watchReadiness(live)]
            case .terminating, .terminatingThenStart, .terminatingAsFailed, .terminatingAsFailedThenStart:
                [.terminate(live), .setTimer(.grace, live)]
            case .killing, .killingThenStart, .killingAsFailed, .killingAsFailedThenStart:
                [.kill(live), .setTimer(.kill, live)]
            }
        let machine = ServiceMachine(phase: shape.sample, awaitsReadiness: true)
        #expect(machine.resumed() == expected)
    }

    /// Found by a walk: the service stayed in ERROR over processes that never were.
    @Test func failedSpawnToldAfterAllDeadlinesLeavesNoResidue() {
        var machine = ServiceMachine(phase: .starting(Sample.live, .spawning), awaitsReadiness: true)
        for event in [MachineEvent.stop, .timeUp(.grace, Sample.live), .timeUp(.kill, Sample.live)] {
            _ = machine.handle(event)
        }
        #expect(
            machine.handle(.notSpawned(Sample.live, "no"))
                == [.cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(Sample.live)])
        #expect(machine.phase.liveAttempt == nil)
    }

    /// What is left has its grace once, whatever is asked meanwhile: a stop and a start neither end nor begin it anew.
    @Test func requestsLeaveTheGraceOfLeftoversAlone() {
        let live = Sample.live
        var machine = ServiceMachine(phase: .running(live), awaitsReadiness: false)
        #expect(machine.handle(.exited(live, .code(1))).contains(.setTimer(.grace, live)))
        for event in [MachineEvent.start(Sample.waiting), .stop, .start(Sample.fresh)] {
            let effects = machine.handle(event)
            #expect(effects.count == 1, "\(event): \(effects)")
        }
        #expect(machine.handle(.timeUp(.grace, live)).contains(.kill(live)))
        #expect(machine.handle(.emptied(live)).contains(.spawn(Sample.fresh)))
    }

    @Test func leftoversThatHadSIGKILLGetNoSecondGrace() {
        let live = Sample.live
        var machine = ServiceMachine(phase: .running(live), awaitsReadiness: false)
        _ = machine.handle(.exited(live, .code(1)))
        _ = machine.handle(.timeUp(.grace, live))
        #expect(machine.handle(.stop) == [.record(.askedToStop), .kill(live), .setTimer(.kill, live)])
        #expect(machine.phase == .stopping(live, .killing, next: nil, failure: nil))
    }

    @Test func newMachineIsStopped() {
        #expect(ServiceMachine(awaitsReadiness: true).phase == .idle(failure: nil, residue: nil))
    }
}

/// A restart of what others depend on.
@Suite struct OrderedRestartTests {
    @Test(arguments: [PhaseShape.spawning, .probing, .running])
    func restartWaitsForTheEndOfDependents(shape: PhaseShape) {
        var machine = ServiceMachine(phase: shape.sample, awaitsReadiness: true)
        machine.hasDependants = true
        #expect(
            machine.handle(.restart(Sample.fresh)) == [
                .record(.askedToRestart), .cancelTimer(.readiness), .endWatch(Sample.live),
                .awaitDependants(Sample.live),
            ])
        #expect(machine.phase == .stopping(Sample.live, .held, next: Sample.fresh, failure: nil))
        _ = machine.handle(.released(Sample.live))
        #expect(machine.phase == .stopping(Sample.live, .terminating, next: Sample.fresh, failure: nil))
    }
}
