import XPMSupervision

/// The attempts that samples are made of.
enum Sample {
    /// Ended and acknowledged long ago.
    static let gone = AttemptID(rawValue: 3)
    /// The one that may have processes.
    static let live = AttemptID(rawValue: 7)
    /// The one that is to follow it.
    static let waiting = AttemptID(rawValue: 8)
    /// The one that a request brings.
    static let fresh = AttemptID(rawValue: 9)

    static let failure = Failure.ended(.signal(11))
}

/// Phases that a machine could tell apart.
enum PhaseShape: CaseIterable {
    case stopped, failed, dying, failedDying, stuck
    case retrying, retryingDying, retryingWell, retryingWellDying
    case clearing, queued, spawning, probing, running
    case held, heldThenStart, leaving, leavingThenStart
    case terminating, terminatingThenStart, terminatingAsFailed, terminatingAsFailedThenStart
    case killing, killingThenStart, killingAsFailed, killingAsFailedThenStart

    /// Total on purpose: a new phase does not compile until it has a shape, and a shape fails until it has a row.
    init(_ phase: Phase) {
        self =
            switch phase {
            case .idle(nil, nil): .stopped
            case .idle(_?, nil): .failed
            case .idle(nil, _?): .dying
            case .idle(.unkillable?, _?): .stuck
            case .idle(_?, _?): .failedDying
            case .retrying(_?, nil): .retrying
            case .retrying(_?, _?): .retryingDying
            case .retrying(nil, nil): .retryingWell
            case .retrying(nil, _?): .retryingWellDying
            case .starting(_, .clearing): .clearing
            case .starting(_, .queued): .queued
            case .starting(_, .spawning): .spawning
            case .starting(_, .probing): .probing
            case .running: .running
            case .stopping(_, .held, nil, _): .held
            case .stopping(_, .held, _?, _): .heldThenStart
            case .stopping(_, .leaving, nil, _): .leaving
            case .stopping(_, .leaving, _?, _): .leavingThenStart
            case .stopping(_, .terminating, nil, nil): .terminating
            case .stopping(_, .terminating, _?, nil): .terminatingThenStart
            case .stopping(_, .terminating, nil, _?): .terminatingAsFailed
            case .stopping(_, .terminating, _?, _?): .terminatingAsFailedThenStart
            case .stopping(_, .killing, nil, nil): .killing
            case .stopping(_, .killing, _?, nil): .killingThenStart
            case .stopping(_, .killing, nil, _?): .killingAsFailed
            case .stopping(_, .killing, _?, _?): .killingAsFailedThenStart
            }
    }

    var sample: Phase {
        let (live, waiting, failure) = (Sample.live, Sample.waiting, Sample.failure)
        return switch self {
        case .stopped: .idle(failure: nil, residue: nil)
        case .failed: .idle(failure: failure, residue: nil)
        case .dying: .idle(failure: nil, residue: live)
        case .failedDying: .idle(failure: failure, residue: live)
        case .stuck: .idle(failure: .unkillable, residue: live)
        case .retrying: .retrying(failure: failure, residue: nil)
        case .retryingDying: .retrying(failure: failure, residue: live)
        case .retryingWell: .retrying(failure: nil, residue: nil)
        case .retryingWellDying: .retrying(failure: nil, residue: live)
        case .clearing: .starting(waiting, .clearing(live))
        case .queued: .starting(live, .queued)
        case .spawning: .starting(live, .spawning)
        case .probing: .starting(live, .probing)
        case .running: .running(live)
        case .held: .stopping(live, .held, next: nil, failure: nil)
        case .heldThenStart: .stopping(live, .held, next: waiting, failure: nil)
        case .leaving: .stopping(live, .leaving, next: nil, failure: nil)
        case .leavingThenStart: .stopping(live, .leaving, next: waiting, failure: nil)
        case .terminating: .stopping(live, .terminating, next: nil, failure: nil)
        case .terminatingThenStart: .stopping(live, .terminating, next: waiting, failure: nil)
        case .terminatingAsFailed: .stopping(live, .terminating, next: nil, failure: .notReady)
        case .terminatingAsFailedThenStart: .stopping(live, .terminating, next: waiting, failure: .notReady)
        case .killing: .stopping(live, .killing, next: nil, failure: nil)
        case .killingThenStart: .stopping(live, .killing, next: waiting, failure: nil)
        case .killingAsFailed: .stopping(live, .killing, next: nil, failure: .notReady)
        case .killingAsFailedThenStart: .stopping(live, .killing, next: waiting, failure: .notReady)
        }
    }
}
