import NIOCore
import XPMControl
import XPMProtocol

extension Supervisor {
    func waitService(_ request: WaitService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let timeout = try request.timeoutSeconds.map { (seconds) throws(WireError) in
            try Duration.seconds(seconds, of: "the timeout")
        }
        let steady = try request.steadySeconds.map { (seconds) throws(WireError) in
            try Duration.seconds(seconds, of: "the steady time")
        }
        let waiter = Waiter(
            goal: request.goal, since: request.since, steady: steady, entry: entry, alarms: alarms, waits: waits,
            responder: responder)
        // The others are looked at when something happens to it.
        if entry.unsaved == 0, waiter.isSatisfied(by: entry) { return }
        try waiter.begin(on: entry, timeout: timeout.map(TimeAmount.init))
        if let fault = keeper.fault { failWaits(for: entry, because: fault) }
    }
}
