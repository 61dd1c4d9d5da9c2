import XPMHTTP
import XPMProtocol

/// Services that do not run, and our own routes at their origins.
extension Gateway {
    func wait(_ visit: Visit, _ route: ServiceRoute, _ standing: Standing, base: String) {
        let record = route.record
        if standing == .asleep, visit.facts.mayWake { waking.start(record, cause: "woken by a visit") }
        let retry: [(name: StaticString, value: String)] = [("Retry-After", standing == .coming ? "1" : "5")]
        guard visit.facts.isNavigation, visit.facts.isSafe else {
            let state = waiting(record, log: [])
            return visit.answer(
                Refusal(
                    503, "not_running", state.title + (state.detail.map { ": \($0)" } ?? ""),
                    data: [
                        "service": .string(state.name), "state": .string(state.state),
                        "standing": .string(state.standing),
                    ],
                    fields: retry))
        }
        tail.read(record) { [weak self] log in
            guard let self else { return }
            visit.exchange.answer(WaitingPage.page(waiting(record, log: log), base: base).answer(503, retry))
        }
    }

    func waiting(_ record: ServiceRecord, log: [String]) -> WaitingState {
        WaitingState(
            record, log: log, isComing: waking.isComing(record), fault: waking.fault(record.identity)?.message)
    }

    /// Our own routes at a service's origin.
    func own(_ visit: Visit, _ caller: Caller, _ route: ServiceRoute, _ name: String) {
        switch name {
        case "wait" where visit.facts.isSafe:
            // A state and the lines that belong to it, though it has changed since.
            let record = route.record
            tail.read(record) { [weak self] log in
                guard let self else { return }
                let state = waiting(record, log: log)
                visit.exchange.answer(
                    Answer(
                        200,
                        [("Content-Type", "application/json"), ("Content-Security-Policy", Page.closedPolicy)]
                            + Page.fields, body: (try? Wire.encode(state)) ?? []))
            }
        case "start":
            guard visit.exchange.head.method == .post else { return visit.answer(Self.post) }
            guard caller.mayChange else { return visit.answer(Self.withoutHeader) }
            waking.start(route.record, cause: "started from its page") { fault in
                if let fault { return visit.answer(Refusal(409, fault.code.rawValue, fault.message)) }
                visit.done(202)
            }
        default: visit.answer(notFound)
        }
    }
}
