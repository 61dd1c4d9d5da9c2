import XPMSupervision

/// What a machine does at one phase: each event either leads somewhere or is ignored, and none is left out.
struct Row {
    var phase: PhaseShape
    var moves: [EventShape: Move]
    /// Beside these, whatever is found out about other attempts is ignored everywhere.
    var ignored: [EventShape]

    struct Move: Equatable {
        var phase: Phase
        var effects: [Effect]
    }

    init(
        _ phase: PhaseShape, _ moves: [EventShape: Move], ignored: [EventShape] = [],
        ignoredOfLive: [EventShape.Finding]
    ) {
        self.phase = phase
        self.moves = moves
        self.ignored = ignored + EventShape.aboutOthers + ignoredOfLive.map { .found($0, of: .live) }
    }
}

extension EventShape {
    static func live(_ finding: Finding) -> EventShape { .found(finding, of: .live) }
}

private let live = Sample.live
private let waiting = Sample.waiting
private let fresh = Sample.fresh
private let rebooted = Row.Move(phase: .idle(failure: nil, residue: nil), effects: [.record(.rebooted)])

private func to(_ phase: Phase, _ effects: Effect...) -> Row.Move { Row.Move(phase: phase, effects: effects) }

/// The whole machine, for a service with conditions of readiness.
let transitionTable: [Row] = resting + starting + running + StopStep.allRows

private let resting: [Row] = [
    Row(
        .stopped,
        [
            .start: to(.starting(fresh, .spawning), .record(.askedToStart), .spawn(fresh)),
            .restart: to(.starting(fresh, .spawning), .record(.askedToRestart), .spawn(fresh)),
        ], ignored: [.stop, .rebooted], ignoredOfLive: EventShape.Finding.allCases),
    Row(
        .failed,
        [
            .start: to(.starting(fresh, .spawning), .record(.askedToStart), .spawn(fresh)),
            .restart: to(.starting(fresh, .spawning), .record(.askedToRestart), .spawn(fresh)),
            .stop: to(.idle(failure: nil, residue: nil), .record(.askedToStop)),
        ], ignored: [.rebooted], ignoredOfLive: EventShape.Finding.allCases),
    withResidue(.dying, failure: nil),
    withResidue(.failedDying, failure: Sample.failure),
    withResidue(.stuck, failure: .unkillable),
]

private func withResidue(_ phase: PhaseShape, failure: Failure?) -> Row {
    Row(
        phase,
        [
            .start: to(
                .starting(fresh, .clearing(live)), .record(.askedToStart), .kill(live), .setTimer(.kill, live)),
            .restart: to(
                .starting(fresh, .clearing(live)), .record(.askedToRestart), .kill(live), .setTimer(.kill, live)),
            .stop: to(
                .stopping(live, .killing, next: nil, failure: nil), .record(.askedToStop), .kill(live),
                .setTimer(.kill, live)),
            .rebooted: to(.idle(failure: failure, residue: nil)),
            .live(.emptied): to(.idle(failure: failure, residue: nil), .cancelTimer(.kill), .acknowledge(live)),
            .live(.notSpawned): to(.idle(failure: failure, residue: nil), .cancelTimer(.kill), .acknowledge(live)),
            .live(.killOver): to(.idle(failure: .unkillable, residue: live), .record(.failed(.unkillable))),
        ], ignoredOfLive: [.spawned, .ready, .endedWell, .endedBadly, .readinessOver, .graceOver])
}

private let starting: [Row] = [
    Row(
        .clearing,
        [
            .stop: to(
                .stopping(live, .killing, next: nil, failure: nil), .record(.askedToStop), .kill(live),
                .setTimer(.kill, live)),
            .rebooted: rebooted,
            .live(.emptied): cleared, .live(.notSpawned): cleared,
            .live(.killOver): to(.idle(failure: .unkillable, residue: live), .record(.failed(.unkillable))),
        ], ignored: [.start, .restart],
        ignoredOfLive: [.spawned, .ready, .endedWell, .endedBadly, .readinessOver, .graceOver]),
    Row(
        .spawning,
        [
            .stop: ended(.askedToStop), .restart: ended(.askedToRestart, next: fresh), .rebooted: rebooted,
            .live(.spawned): to(
                .starting(live, .probing), .record(.spawned), .setTimer(.readiness, live), .watchReadiness(live)),
            .live(.notSpawned): to(
                .idle(failure: .notSpawned("cannot run its command"), residue: nil),
                .record(.failed(.notSpawned("cannot run its command"))), .cancelTimer(.readiness), .endWatch(live)),
            .live(.endedWell): died(.endedEarly(.code(0))), .live(.endedBadly): died(.endedEarly(.signal(11))),
        ], ignored: [.start], ignoredOfLive: [.ready, .emptied, .readinessOver, .graceOver, .killOver]),
    Row(
        .probing,
        [
            .stop: ended(.askedToStop), .restart: ended(.askedToRestart, next: fresh), .rebooted: rebooted,
            .live(.ready): to(.running(live), .record(.ready), .cancelTimer(.readiness), .endWatch(live)),
            .live(.endedWell): died(.endedEarly(.code(0))), .live(.endedBadly): died(.endedEarly(.signal(11))),
            .live(.readinessOver): ended(.failed(.notReady), failure: .notReady),
        ], ignored: [.start], ignoredOfLive: [.spawned, .notSpawned, .emptied, .graceOver, .killOver]),
]

private let cleared = to(
    .starting(waiting, .spawning), .record(.cleared), .cancelTimer(.kill), .acknowledge(live), .spawn(waiting))

private let running: [Row] = [
    Row(
        .running,
        [
            .stop: ended(.askedToStop), .restart: ended(.askedToRestart, next: fresh), .rebooted: rebooted,
            .live(.endedWell): to(
                .stopping(live, .killing, next: nil, failure: nil), .record(.finished), .cancelTimer(.readiness),
                .endWatch(live), .kill(live), .setTimer(.kill, live)),
            .live(.endedBadly): died(.ended(.signal(11))),
        ], ignored: [.start],
        ignoredOfLive: [.spawned, .notSpawned, .ready, .emptied, .readinessOver, .graceOver, .killOver])
]

private func ended(_ cause: Cause, next: AttemptID? = nil, failure: Failure? = nil) -> Row.Move {
    to(
        .stopping(live, .terminating, next: next, failure: failure), .record(cause), .cancelTimer(.readiness),
        .endWatch(live), .terminate(live), .setTimer(.grace, live))
}

private func died(_ failure: Failure) -> Row.Move {
    to(
        .idle(failure: failure, residue: live), .record(.failed(failure)), .cancelTimer(.readiness), .endWatch(live),
        .kill(live), .setTimer(.kill, live))
}

extension StopStep {
    fileprivate static var allRows: [Row] {
        [
            terminating.row(.terminating, next: nil, failure: nil),
            terminating.row(.terminatingThenStart, next: waiting, failure: nil),
            terminating.row(.terminatingAsFailed, next: nil, failure: .notReady),
            terminating.row(.terminatingAsFailedThenStart, next: waiting, failure: .notReady),
            killing.row(.killing, next: nil, failure: nil),
            killing.row(.killingThenStart, next: waiting, failure: nil),
            killing.row(.killingAsFailed, next: nil, failure: .notReady),
            killing.row(.killingAsFailedThenStart, next: waiting, failure: .notReady),
        ]
    }

    private func row(_ shape: PhaseShape, next: AttemptID?, failure: Failure?) -> Row {
        let left: Row.Move
        if let next {
            left = to(
                .starting(next, .spawning), .record(.cleared), .cancelTimer(.grace), .cancelTimer(.kill),
                .acknowledge(live), .spawn(next))
        } else {
            left = to(
                .idle(failure: failure, residue: nil), .record(failure.map(Cause.failed) ?? .ended),
                .cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(live))
        }
        var moves: [EventShape: Row.Move] = [
            .rebooted: rebooted, .live(.emptied): left, .live(.notSpawned): left,
        ]
        var ignored: [EventShape] = []
        if next == nil {
            moves[.start] = to(.stopping(live, self, next: fresh, failure: failure), .record(.askedToStart))
            moves[.restart] = to(.stopping(live, self, next: fresh, failure: failure), .record(.askedToRestart))
        } else {
            ignored += [.start, .restart]
        }
        if next == nil, failure == nil {
            ignored.append(.stop)
        } else {
            moves[.stop] = to(.stopping(live, self, next: nil, failure: nil), .record(.askedToStop))
        }
        switch self {
        case .terminating:
            moves[.live(.graceOver)] = to(
                .stopping(live, .killing, next: next, failure: failure), .record(.killed), .kill(live),
                .setTimer(.kill, live))
            ignored.append(.live(.killOver))
        case .killing:
            moves[.live(.killOver)] = to(
                .idle(failure: .unkillable, residue: live), .record(.failed(.unkillable)))
            ignored.append(.live(.graceOver))
        }
        return Row(
            shape, moves, ignored: ignored, ignoredOfLive: [.spawned, .ready, .endedWell, .endedBadly, .readinessOver])
    }
}
