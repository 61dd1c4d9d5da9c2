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
            goal: request.goal, since: request.since, steady: steady, entry: entry, loop: loop, responder: responder)
        entry.waiters.removeAll(where: \.isAbandoned)
        entry.waiters.append(waiter)
        if let timeout { waiter.limit(to: TimeAmount(timeout), entry: entry) }
        entry.wake()
    }
}
