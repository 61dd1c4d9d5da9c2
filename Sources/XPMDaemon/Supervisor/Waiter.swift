import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// A `service.wait` that has not been answered yet.
final class Waiter {
    private let goal: WaitService.Goal
    private let loop: any EventLoop
    private let responder: Responder
    /// For how long a service without readiness has to have been RUNNING.
    private let steady: Duration?
    /// Looks again when that is over.
    private var steadyTimer: Scheduled<Void>?
    private var timeout: Scheduled<Void>?
    /// A timeout that is due in the same turn of the loop comes even after it was cancelled.
    private var isAnswered = false
    /// The revision with which the service was when the wait began.
    private let began: Int64
    /// The stop whose end is awaited: a start after that overtakes it.
    private let stopped: Int64?

    /// A wait that goes by what its client knew of the service, `since`, or else by what is known now.
    init(
        goal: WaitService.Goal, since: Int64?, steady: Duration?, entry: ServiceEntry, loop: any EventLoop,
        responder: Responder
    ) {
        self.goal = goal
        self.steady = steady
        self.loop = loop
        self.responder = responder
        began = since ?? entry.lastRevision
        stopped = since ?? (entry.isBeingStopped ? entry.lastRevision : nil)
    }

    /// Whether nobody waits for the answer any more.
    var isAbandoned: Bool { responder.connection.isClosed }

    /// Gives up after a while.
    func limit(to time: TimeAmount, entry: ServiceEntry) {
        timeout = loop.assumeIsolated().scheduleTask(in: time) { [self, weak entry] in
            guard let entry, !isAnswered else { return }
            isAnswered = true
            steadyTimer?.cancel()
            entry.waiters.removeAll { $0 === self }
            let record = entry.record
            responder.fail(
                WireError(
                    .timedOut,
                    "cannot wait longer for \(entry.identity.fullName): it is \(record.state.rawValue)"
                        + (record.waitingFor.map { ", waiting for \($0)" } ?? ""),
                    data: ["service": .of(record)]))
        }
    }

    /// Answers if the wait is over.
    func isSatisfied(by entry: ServiceEntry) -> Bool {
        steadyTimer?.cancel()
        guard let verdict = verdict(on: entry) else { return false }
        if goal == .running, verdict == nil, let steady, let left = entry.unsteadyTime(steady) {
            steadyTimer = loop.assumeIsolated().scheduleTask(in: left) { [weak entry] in entry?.wake() }
            return false
        }
        isAnswered = true
        timeout?.cancel()
        switch verdict {
        case nil: responder.reply(encoded: entry.wire)
        case let failure?: responder.fail(failure)
        }
        return true
    }

    /// Nil while one has to wait on; otherwise the failure, or nil for success.
    private func verdict(on entry: ServiceEntry) -> WireError?? {
        if entry.isRemoved {
            return WireError(.notFound, "cannot wait for \(entry.identity.fullName): it was removed")
        }
        if let overtaken = overtaken(on: entry) { return overtaken }
        // A restart to come decides it.
        if entry.awaitsRetry { return nil }
        if entry.isUnverified { return nil }
        switch (goal, entry.state) {
        case (.running, .running), (.ended, .stopped), (.settled, .running), (.settled, .stopped), (.settled, .error):
            return .some(nil)
        case (.ended, .error): return entry.isLive ? nil : .some(nil)
        case (.running, .stopped) where entry.hasCompleted: return .some(nil)
        case (.running, .stopped), (.running, .error): return notStarted(entry)
        case (.running, .starting), (.running, .stopping), (.ended, .starting), (.ended, .running), (.ended, .stopping),
            (.settled, .starting), (.settled, .stopping):
            return nil
        }
    }

    /// The failure of a wait for the opposite of the last request: it could only end when somebody asks for that.
    private func overtaken(on entry: ServiceEntry) -> WireError? {
        switch goal {
        case .settled: return nil
        case .running:
            // One that has ended with success, and what it left behind is being ended, has come where it was wanted.
            guard entry.isBeingStopped, !entry.hasCompleted else { return nil }
            return notStarted(entry)
        case .ended:
            guard let stopped, entry.isWanted, let request = entry.asked(since: stopped), request.verb != .stop else {
                return nil
            }
            let moment = entry.state == .stopping ? " while it was stopping" : ""
            return WireError(
                .overtaken,
                "cannot wait for \(entry.identity.fullName) to stop: it was \(request.verb.participle)\(moment)",
                data: ["overtaken_by": .string(request.verb.rawValue), "service": .of(entry.record)])
        }
    }

    private func notStarted(_ entry: ServiceEntry) -> WireError {
        var isBlocked = false
        if case .blocked? = entry.machine.phase.failure { isBlocked = true }
        var error = WireError(
            isBlocked ? .dependencyFailed : .startFailed,
            "cannot start \(entry.identity.fullName): \(entry.record.error ?? entry.reasonOfStop)",
            data: ["service": .of(entry.record)])
        if let request = entry.asked(since: began), request.verb == .stop, !entry.isWanted {
            error.data["overtaken_by"] = .string(request.verb.rawValue)
        }
        return error
    }
}

extension Asked.Verb {
    fileprivate var participle: String {
        switch self {
        case .start: "started again"
        case .restart: "restarted"
        case .stop: "stopped"
        }
    }
}

extension ServiceEntry {
    /// Whether it ends because that was asked for, and is not to start again.
    var isBeingStopped: Bool { !isWanted && state == .stopping }

    /// Why a service that is not in ERROR does not run, for a sentence.
    fileprivate var reasonOfStop: String {
        if state == .stopping { return "it is being stopped" }
        if asked(since: 0)?.verb == .stop { return "it was stopped" }
        return runtime.attempt == nil && !isComposite ? "it has not been started" : "it is \(state.rawValue)"
    }
}

extension JSONValue {
    /// A record as free JSON, for the details of an error.
    static func of(_ value: some Codable) -> JSONValue {
        (try? Wire.decode(JSONValue.self, from: Wire.encode(value))) ?? .null
    }
}
