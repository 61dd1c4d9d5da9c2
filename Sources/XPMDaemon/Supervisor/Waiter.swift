import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// A `service.wait` that has not been answered yet.
final class Waiter {
    private let goal: WaitService.Goal
    private let responder: Responder
    private var timeout: Scheduled<Void>?
    /// A timeout that is due in the same turn of the loop comes even after it was cancelled.
    private var isAnswered = false

    init(goal: WaitService.Goal, responder: Responder) {
        self.goal = goal
        self.responder = responder
    }

    /// Whether nobody waits for the answer any more.
    var isAbandoned: Bool { responder.connection.isClosed }

    /// Gives up after a while.
    func limit(to time: TimeAmount, loop: any EventLoop, entry: ServiceEntry) {
        timeout = loop.assumeIsolated().scheduleTask(in: time) { [self, weak entry] in
            guard let entry, !isAnswered else { return }
            isAnswered = true
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
        guard let verdict = verdict(on: entry) else { return false }
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
        // A restart to come decides it.
        if entry.awaitsRetry { return nil }
        // What is on record is not known to be so until the new keeper has looked.
        if entry.isAdopting { return nil }
        switch (goal, entry.state) {
        case (.running, .running), (.ended, .stopped), (.settled, .running), (.settled, .stopped), (.settled, .error):
            return .some(nil)
        case (.ended, .error): return entry.isLive ? nil : .some(nil)
        case (.running, .stopped) where entry.runtime.exit?.code == 0: return .some(nil)
        case (.running, .stopped), (.running, .error):
            let reason = entry.record.error ?? "it was stopped"
            var isBlocked = false
            if case .blocked? = entry.machine.phase.failure { isBlocked = true }
            return WireError(
                isBlocked ? .dependencyFailed : .startFailed, "cannot start \(entry.identity.fullName): \(reason)",
                data: ["service": .of(entry.record)])
        case (.running, .starting), (.running, .stopping), (.ended, .starting), (.ended, .running), (.ended, .stopping),
            (.settled, .starting), (.settled, .stopping):
            return nil
        }
    }
}

extension JSONValue {
    /// A record as free JSON, for the details of an error.
    static func of(_ value: some Codable) -> JSONValue {
        (try? Wire.decode(JSONValue.self, from: Wire.encode(value))) ?? .null
    }
}
