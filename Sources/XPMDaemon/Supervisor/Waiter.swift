import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// A `service.wait` that has not been answered yet.
final class Waiter {
    private let goal: WaitService.Goal
    private let alarms: Alarms
    private let waits: Waits
    private let responder: Responder
    /// For how long a service without readiness has to have been RUNNING.
    private let steady: Duration?
    /// Looks again when that is over.
    private var steadyAlarm: Alarms.Alarm?
    private var timeout: Alarms.Alarm?
    private var wait: Waits.Wait?
    /// Whether nobody waits for the answer any more.
    private(set) var isOver = false
    /// The revision with which the service was when the wait began.
    private let began: Int64
    /// The stop whose end is awaited: a start after that overtakes it.
    private let stopped: Int64?

    /// A wait that goes by what its client knew of the service, `since`, or else by what is known now.
    init(
        goal: WaitService.Goal, since: Int64?, steady: Duration?, entry: ServiceEntry, alarms: Alarms, waits: Waits,
        responder: Responder
    ) {
        self.goal = goal
        self.steady = steady
        self.alarms = alarms
        self.waits = waits
        self.responder = responder
        began = since ?? entry.lastRevision
        stopped = since ?? (entry.isBeingStopped ? entry.lastRevision : nil)
    }

    /// Waits, and gives up after `timeout`. Refused where too many wait.
    func begin(on entry: ServiceEntry, timeout: TimeAmount?) throws(WireError) {
        wait = try waits.begin(responder) { [weak self, weak entry] in
            self?.end()
            entry?.waiters.noteLeft()
        }
        entry.waiters.append(self)
        guard let timeout else { return }
        self.timeout = alarms.set(for: .now() + timeout) { [weak self, weak entry] in
            guard let self, let entry, !isOver else { return }
            end()
            entry.waiters.noteLeft()
            fail(entry.timeoutError)
        }
    }

    private func end() {
        isOver = true
        timeout?.cancel()
        steadyAlarm?.cancel()
        wait?.end()
    }

    /// Answers if the wait is over.
    func isSatisfied(by entry: ServiceEntry) -> Bool {
        waits.looks += 1
        steadyAlarm?.cancel()
        guard let verdict = verdict(on: entry) else { return false }
        if goal == .running, verdict == nil, let steady, let left = entry.unsteadyTime(steady) {
            steadyAlarm = alarms.set(for: .now() + left) { [weak entry] in entry?.wake() }
            return false
        }
        end()
        switch verdict {
        case nil:
            // As it is now, whenever there is room for it.
            let (wire, responder) = (entry.wire, responder)
            responder.withRoom(for: wire.count) { responder.reply(encoded: wire) }
        case let failure?: fail(failure)
        }
        return true
    }

    /// Gives up because of what keeps everybody from knowing more.
    func fail(_ code: ErrorCode, because reason: String, entry: ServiceEntry) {
        end()
        fail(
            WireError(
                code, "cannot wait for \(entry.identity.fullName): \(reason)", data: ["service": .of(entry.record)]))
    }

    private func fail(_ failure: WireError) {
        responder.withRoom(for: 1 << 10) { [responder] in responder.fail(failure) }
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
        case (.ended, .error) where entry.isStuck:
            return WireError(
                .notStopped, "cannot stop \(entry.identity.fullName): it \(entry.record.error ?? "does not end")",
                data: ["service": .of(entry.record)])
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
                data: ["overtaken_by": .string(request.verb.rawValue), "service": entry.recordValue])
        }
    }

    private func notStarted(_ entry: ServiceEntry) -> WireError {
        var isBlocked = false
        if case .blocked? = entry.machine.phase.failure { isBlocked = true }
        let cause = entry.record.error.map(\.behindCannotStart) ?? entry.reasonOfStop
        var error = WireError(
            isBlocked ? .dependencyFailed : .startFailed, "cannot start \(entry.identity.fullName): \(cause)",
            data: ["cause": .string(cause), "service": entry.recordValue])
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
    fileprivate var timeoutError: WireError {
        let record = record
        return WireError(
            .timedOut,
            "cannot wait longer for \(identity.fullName): it is \(record.state.rawValue)"
                + (record.waitingFor.map { ", waiting for \($0)" } ?? ""),
            data: ["service": recordValue])
    }

    /// Whether it ends because that was asked for, and is not to start again.
    var isBeingStopped: Bool { !isWanted && state == .stopping }

    /// Why a service that is not in ERROR does not run, for a sentence.
    fileprivate var reasonOfStop: String {
        if state == .stopping { return "it is being stopped" }
        if asked(since: 0)?.verb == .stop { return "it was stopped" }
        return runtime.attempt == nil && !isComposite ? "it has not been started" : "it is \(state.rawValue)"
    }
}

extension String {
    /// Why a service is in ERROR, without saying once more that it could not be started.
    fileprivate var behindCannotStart: String {
        let said = "cannot be started: "
        return hasPrefix(said) ? String(dropFirst(said.count)) : self
    }
}

extension JSONValue {
    /// A record as free JSON, for the details of an error.
    static func of(_ value: some Codable) -> JSONValue {
        (try? Wire.decode(JSONValue.self, from: Wire.encode(value))) ?? .null
    }
}
