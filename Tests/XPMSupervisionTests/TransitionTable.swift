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
        let few: [EventShape.Finding] = [.unblocked, .blocked, .released, .leaving, .failed, .stableOver, .retryOver]
        // Few phases heed these; those say so.
        let unheeded = (few.map { .found($0, of: .live) } + [.retry, .force]).filter { moves[$0] == nil }
        self.ignored = ignored + EventShape.aboutOthers + ignoredOfLive.map { .found($0, of: .live) } + unheeded
    }
}

extension EventShape {
    static func live(_ finding: Finding) -> EventShape { .found(finding, of: .live) }
}

private let live = Sample.live
private let waiting = Sample.waiting
private let fresh = Sample.fresh
private let rebooted = Row.Move(
    phase: .idle(failure: nil, residue: nil), effects: [.record(.rebooted), .cancelTimer(.retry)])

private func to(_ phase: Phase, _ effects: Effect...) -> Row.Move { Row.Move(phase: phase, effects: effects) }

/// The whole machine, for a service with conditions of readiness that is never restarted and waits for nobody.
let transitionTable: [Row] = resting + retrying + starting + running + leaving + StopStep.allRows

private let resting: [Row] = [
    Row(
        .stopped,
        [
            .start: to(.starting(fresh, .spawning), .record(.askedToStart), .spawn(fresh)),
            .restart: to(.starting(fresh, .spawning), .record(.askedToRestart), .spawn(fresh)),
        ], ignored: [.stop, .rebooted], ignoredOfLive: EventShape.Finding.old),
    Row(
        .failed,
        [
            .start: to(.starting(fresh, .spawning), .record(.askedToStart), .spawn(fresh)),
            .restart: to(.starting(fresh, .spawning), .record(.askedToRestart), .spawn(fresh)),
            .stop: to(.idle(failure: nil, residue: nil), .record(.askedToStop)),
        ], ignored: [.rebooted], ignoredOfLive: EventShape.Finding.old),
    withResidue(.dying, failure: nil),
    withResidue(.failedDying, failure: Sample.failure),
    withResidue(.stuck, failure: .unkillable),
]

private let killed: [Effect] = [.kill(live), .setTimer(.kill, live)]
private let told: [Effect] = [.terminateLeftovers(live), .setTimer(.grace, live)]
private let gone: [Effect] = [.cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(live)]

/// What a main process left has been told to end, or was killed in vain.
private func withResidue(_ phase: PhaseShape, failure: Failure?) -> Row {
    let isStuck = failure == .unkillable
    let again = isStuck ? killed : []
    func move(_ phase: Phase, _ effects: [Effect]) -> Row.Move { Row.Move(phase: phase, effects: effects) }
    return Row(
        phase,
        [
            .start: move(.starting(fresh, .clearing(live)), [.record(.askedToStart)] + again),
            .restart: move(.starting(fresh, .clearing(live)), [.record(.askedToRestart)] + again),
            .stop: move(
                .stopping(live, isStuck ? .killing : .terminating, next: nil, failure: nil),
                [.record(.askedToStop)] + again),
            .rebooted: to(.idle(failure: failure, residue: nil)),
            .live(.emptied): move(.idle(failure: failure, residue: nil), gone),
            .live(.notSpawned): move(.idle(failure: failure, residue: nil), gone),
            .live(.graceOver): move(.idle(failure: failure, residue: live), [.record(.leftoversKilled)] + killed),
            .live(.killOver): to(.idle(failure: .unkillable, residue: live), .record(.failed(.unkillable))),
        ], ignoredOfLive: [.spawned, .ready, .endedWell, .endedBadly, .readinessOver])
}

/// Reached under other rules only; a machine whose rules were changed meanwhile still has to get out of it.
private let retrying: [Row] =
    [(PhaseShape.retrying, Sample.failure), (.retryingWell, nil)].map { shape, _ in
        Row(
            shape,
            [
                .start: to(
                    .starting(fresh, .spawning), .cancelTimer(.retry), .record(.askedToStart), .spawn(fresh)),
                .restart: to(
                    .starting(fresh, .spawning), .cancelTimer(.retry), .record(.askedToRestart), .spawn(fresh)),
                .retry: to(.starting(fresh, .spawning), .record(.retried), .spawn(fresh)),
                .stop: to(.idle(failure: nil, residue: nil), .record(.askedToStop), .cancelTimer(.retry)),
                .rebooted: rebooted,
            ], ignoredOfLive: EventShape.Finding.old)
    }
    + [(PhaseShape.retryingDying, Sample.failure as Failure?), (.retryingWellDying, nil)].map { shape, failure in
        Row(
            shape,
            [
                .start: to(.starting(fresh, .clearing(live)), .cancelTimer(.retry), .record(.askedToStart)),
                .restart: to(.starting(fresh, .clearing(live)), .cancelTimer(.retry), .record(.askedToRestart)),
                .retry: to(.starting(fresh, .clearing(live)), .record(.retried)),
                .stop: to(
                    .stopping(live, .terminating, next: nil, failure: nil), .record(.askedToStop),
                    .cancelTimer(.retry)),
                .rebooted: rebooted,
                .live(.emptied): Row.Move(phase: .retrying(failure: failure, residue: nil), effects: gone),
                .live(.notSpawned): Row.Move(phase: .retrying(failure: failure, residue: nil), effects: gone),
                .live(.graceOver): Row.Move(
                    phase: .retrying(failure: failure, residue: live), effects: [.record(.leftoversKilled)] + killed),
                .live(.killOver): to(
                    .idle(failure: .unkillable, residue: live), .record(.failed(.unkillable)), .cancelTimer(.retry)),
            ], ignoredOfLive: [.spawned, .ready, .endedWell, .endedBadly, .readinessOver])
    }

private let leaving: [Row] = [nil, waiting].map { next in
    var moves: [EventShape: Row.Move] = [
        .stop: ended(.askedToStop), .rebooted: rebooted,
        .live(.emptied): left(next: next, failure: nil), .live(.notSpawned): left(next: next, failure: nil),
        .live(.graceOver): to(
            .stopping(live, .killing, next: next, failure: next == nil ? .ended(.signal(9)) : nil), .record(.killed),
            .kill(live), .setTimer(.kill, live)),
    ]
    moves[.force] = forced(next: next, failure: nil)
    let unheeded: [EventShape.Finding] = [.spawned, .ready, .readinessOver, .killOver]
    if next == nil {
        moves[.start] = to(.stopping(live, .leaving, next: fresh, failure: nil), .record(.askedToStart))
        moves[.restart] = ended(.askedToRestart, next: fresh)
        moves[.live(.endedWell)] = finished
        moves[.live(.endedBadly)] = died(.ended(.signal(11)))
    } else {
        let kept = to(.stopping(live, .leaving, next: next, failure: nil), .terminateLeftovers(live))
        (moves[.live(.endedWell)], moves[.live(.endedBadly)]) = (kept, kept)
    }
    return Row(
        next == nil ? .leaving : .leavingThenStart, moves, ignored: next == nil ? [] : [.start, .restart],
        ignoredOfLive: unheeded)
}

private let finished = to(
    .stopping(live, .terminating, next: nil, failure: nil), .record(.finished), .cancelTimer(.readiness),
    .cancelTimer(.grace), .endWatch(live), .terminateLeftovers(live), .setTimer(.grace, live))

private func forced(next: AttemptID?, failure: Failure?) -> Row.Move {
    to(
        .stopping(live, .killing, next: next, failure: failure), .record(.forced), .cancelTimer(.grace),
        .endWatch(live), .kill(live), .setTimer(.kill, live))
}

private let leaves = to(
    .stopping(live, .leaving, next: nil, failure: nil), .record(.leaving), .cancelTimer(.readiness), .endWatch(live),
    .setTimer(.grace, live))

private func left(next: AttemptID?, failure: Failure?) -> Row.Move {
    let done: [Effect] = [.cancelTimer(.grace), .cancelTimer(.kill), .endWatch(live), .acknowledge(live)]
    if let next {
        return Row.Move(phase: .starting(next, .spawning), effects: [.record(.cleared)] + done + [.spawn(next)])
    }
    return Row.Move(
        phase: .idle(failure: failure, residue: nil),
        effects: [.record(failure.map(Cause.failed) ?? .ended)] + done)
}

extension EventShape.Finding {
    /// Those that most phases heed.
    fileprivate static let old: [Self] = [
        .spawned, .notSpawned, .ready, .endedWell, .endedBadly, .emptied, .readinessOver, .graceOver, .killOver,
    ]
}

private let starting: [Row] = [
    Row(
        .queued,
        [
            .stop: to(.idle(failure: nil, residue: nil), .record(.askedToStop), .endWatch(live)), .rebooted: rebooted,
            .live(.unblocked): to(
                .starting(live, .spawning), .record(.unblocked), .endWatch(live), .spawn(live)),
            .live(.blocked): to(
                .idle(failure: .blocked("depends on 'db'"), residue: nil),
                .record(.failed(.blocked("depends on 'db'"))), .endWatch(live)),
            .live(.notSpawned): to(
                .idle(failure: .notSpawned("cannot run its command"), residue: nil),
                .record(.failed(.notSpawned("cannot run its command"))), .cancelTimer(.readiness), .endWatch(live)),
        ], ignored: [.start, .restart],
        ignoredOfLive: [
            .spawned, .ready, .endedWell, .endedBadly, .emptied, .readinessOver, .graceOver, .killOver,
        ]),
    Row(
        .clearing,
        [
            .stop: to(.stopping(live, .terminating, next: nil, failure: nil), .record(.askedToStop)),
            .force: to(
                .starting(waiting, .clearing(live)), .record(.forced), .cancelTimer(.grace), .kill(live),
                .setTimer(.kill, live)),
            .rebooted: rebooted,
            .live(.emptied): cleared, .live(.notSpawned): cleared,
            .live(.graceOver): Row.Move(
                phase: .starting(waiting, .clearing(live)), effects: [.record(.leftoversKilled)] + killed),
            .live(.killOver): to(.idle(failure: .unkillable, residue: live), .record(.failed(.unkillable))),
        ], ignored: [.start, .restart],
        ignoredOfLive: [.spawned, .ready, .endedWell, .endedBadly, .readinessOver]),
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
            .live(.leaving): leaves,
            .live(.ready): to(
                .running(live), .record(.ready), .cancelTimer(.readiness), .endWatch(live), .watchHealth(live)),
            .live(.endedWell): died(.endedEarly(.code(0))), .live(.endedBadly): died(.endedEarly(.signal(11))),
            .live(.readinessOver): ended(.failed(.notReady), failure: .notReady),
        ], ignored: [.start], ignoredOfLive: [.spawned, .notSpawned, .emptied, .graceOver, .killOver]),
]

private let cleared = to(
    .starting(waiting, .spawning), .record(.cleared), .cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(live),
    .spawn(waiting))

private let running: [Row] = [
    Row(
        .running,
        [
            .stop: ended(.askedToStop), .restart: ended(.askedToRestart, next: fresh), .rebooted: rebooted,
            .live(.endedWell): finished, .live(.leaving): leaves, .live(.stableOver): to(.running(live)),
            .live(.failed): ended(.failed(.silent), failure: .silent),
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
        .idle(failure: failure, residue: live), .record(.failed(failure)), .cancelTimer(.readiness),
        .cancelTimer(.grace), .endWatch(live), .terminateLeftovers(live), .setTimer(.grace, live))
}

extension StopStep {
    fileprivate static var allRows: [Row] {
        [
            held.row(.held, next: nil, failure: nil),
            held.row(.heldThenStart, next: waiting, failure: nil),
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
        let left = left(next: next, failure: failure)
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
        var unheeded: [EventShape.Finding] = [.spawned, .ready, .readinessOver]
        if self != .killing { moves[.force] = forced(next: next, failure: failure) }
        switch self {
        case .leaving: break
        case .held:
            unheeded += [.endedWell, .endedBadly]
            moves[.live(.released)] = to(
                .stopping(live, .terminating, next: next, failure: failure), .record(.released), .endWatch(live),
                .terminate(live), .setTimer(.grace, live))
            ignored += [.live(.graceOver), .live(.killOver)]
        case .terminating:
            moves[.live(.graceOver)] = to(
                .stopping(live, .killing, next: next, failure: failure), .record(.killed), .kill(live),
                .setTimer(.kill, live))
            let kept = to(.stopping(live, .terminating, next: next, failure: failure), .terminateLeftovers(live))
            (moves[.live(.endedWell)], moves[.live(.endedBadly)]) = (kept, kept)
            ignored.append(.live(.killOver))
        case .killing:
            unheeded += [.endedWell, .endedBadly]
            moves[.live(.killOver)] = to(
                .idle(failure: .unkillable, residue: live), .record(.failed(.unkillable)))
            ignored.append(.live(.graceOver))
        }
        return Row(shape, moves, ignored: ignored, ignoredOfLive: unheeded)
    }
}
