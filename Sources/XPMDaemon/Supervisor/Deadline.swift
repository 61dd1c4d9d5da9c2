import NIOCore
import XPMProtocol
import XPMSupervision

/// A deadline that the attempt it is for may put off. It is on record, so that a new daemon goes on with it: what was granted stays
/// granted, and how much there may be counts from its beginning.
struct Deadline: Codable, Hashable {
    enum Purpose: String, Codable {
        /// To become ready.
        case readiness
        /// To stop.
        case grace
    }

    var purpose: Purpose
    var attempt: AttemptID
    var began: Due
    /// How many milliseconds it lasts from its beginning, as its service has asked; absent where it has not.
    var granted: Int64?
    /// Whether somebody has set it while it ran: his word is newer than the service's, which cannot put it off any more.
    var isFinal: Bool?

    /// One that begins now.
    init(_ purpose: Purpose, of attempt: AttemptID, isFinal: Bool? = nil) {
        (self.purpose, self.attempt, self.isFinal) = (purpose, attempt, isFinal)
        began = Due(after: .zero)
    }

    /// How long it has run.
    var elapsed: Duration { .milliseconds(min(began.passed, Runtime.largestCount)) }

    /// How long it goes on where it was set to `planned`. Under a new daemon it has that once more, within what it may have at all,
    /// for nobody knows whether the service was told to end before.
    func rest(of planned: Duration, within limit: Prolongation) -> Duration {
        let granted = min(.milliseconds(self.granted ?? 0), limit.most) - elapsed
        return max(.zero, granted, min(planned, limit.most - elapsed))
    }

    /// When it is over, by the wall clock; nil where its service has not put it off.
    var end: Timestamp? { granted.map { Timestamp(milliseconds: began.at.milliseconds.clampedSum($0)) } }
}

extension Supervisor {
    /// Lets the service have more time, though not for ever.
    func putOff(_ deadline: Deadline, of entry: ServiceEntry, by time: Duration) {
        guard let timer = entry.timers[deadline.purpose.timer], deadline.isFinal != true else { return }
        let planned = entry.planned(deadline.purpose)
        let limit = Prolongation(of: planned, atLeast: leastProlongation)
        let elapsed = deadline.elapsed
        let before = deadline.granted.map { Duration.milliseconds($0) }
        let whole = limit.extended(before ?? planned, after: elapsed, by: time)
        if limit.isExceeded(after: elapsed, by: time) {
            note(
                "it asked for more time to \(deadline.purpose.text) than the \(limit.most.text) that it may take",
                of: entry)
        }
        guard timer.due < .now() + TimeAmount(whole - elapsed) else { return }
        var longer = deadline
        longer.granted = whole.milliseconds
        entry.runtime.deadline = longer
        run(deadline.purpose.timer, deadline.attempt, for: entry, until: .now() + TimeAmount(whole - elapsed))
        entry.touch()
        guard !entry.isRemoved else { return }
        if before == nil {
            tell(of: entry, cause: "it asked for more time to \(deadline.purpose.text)")
        } else if before?.components.seconds != whole.components.seconds {
            // It may ask a thousand times a second.
            ledger.append([entry.update], policy: .kept)
        }
    }
}

extension ServiceEntry {
    /// How long it has for something by its definition, or as the stop under way says.
    func planned(_ purpose: Deadline.Purpose) -> Duration {
        switch purpose {
        case .readiness: plan.readiness?.timeout ?? .seconds(Readiness.defaultTimeoutSeconds)
        case .grace: grace
        }
    }

    /// How long it had for it, for people: `10 s`, or `the 4.1 s that it was granted`.
    func time(_ purpose: Deadline.Purpose) -> String {
        let planned = planned(purpose)
        guard let deadline = runtime.deadline, deadline.purpose == purpose, let granted = deadline.granted else {
            return planned.text
        }
        // To a tenth, for it asked somewhere in between.
        return "the \(Duration.milliseconds(granted.clampedSum(50) / 100 * 100).text) that it was granted"
    }

    /// Begins the deadline of a phase that has one; what it was stays known while what is left is killed.
    func settleDeadline() {
        if let (purpose, attempt) = machine.phase.deadline {
            if runtime.deadline?.purpose != purpose || runtime.deadline?.attempt != attempt {
                runtime.deadline = Deadline(purpose, of: attempt)
            }
        } else if case .stopping(_, .killing, _, _) = machine.phase {
        } else {
            runtime.deadline = nil
        }
    }
}

extension Phase {
    /// What runs in it that a service may put off, and for which attempt.
    fileprivate var deadline: (Deadline.Purpose, AttemptID)? {
        switch self {
        case .starting(let attempt, .probing): (.readiness, attempt)
        case .stopping(let attempt, .leaving, _, _), .stopping(let attempt, .terminating, _, _): (.grace, attempt)
        case .idle(_, let residue?), .retrying(_, let residue?), .starting(_, .clearing(let residue)): (.grace, residue)
        case .idle, .retrying, .starting, .running, .stopping: nil
        }
    }
}

extension Deadline.Purpose {
    var timer: XPMSupervision.Timer {
        switch self {
        case .readiness: .readiness
        case .grace: .grace
        }
    }

    /// For "time to …".
    fileprivate var text: String {
        switch self {
        case .readiness: "become ready"
        case .grace: "stop"
        }
    }
}
