import NIOCore
import XPMControl
import XPMProtocol

extension Supervisor {
    func waitService(_ request: WaitService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let timeout = try request.timeoutSeconds.map { (seconds) throws(WireError) in
            try Duration.seconds(seconds, of: "the timeout")
        }
        let waiter = Waiter(goal: request.goal, since: request.since, entry: entry, responder: responder)
        entry.waiters.removeAll(where: \.isAbandoned)
        entry.waiters.append(waiter)
        if let timeout { waiter.limit(to: TimeAmount(timeout), loop: loop, entry: entry) }
        entry.wake()
    }
}
