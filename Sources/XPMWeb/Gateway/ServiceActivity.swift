import XPMProtocol

/// The traffic of one service: counted for each byte and told to xpmd seldom.
final class ServiceActivity: ActivityMeter {
    private let identity: ServiceIdentity
    private unowned let reports: ActivityReports
    /// Requests whose response has not ended.
    private(set) var open = 0

    init(_ identity: ServiceIdentity, _ reports: ActivityReports) {
        (self.identity, self.reports) = (identity, reports)
    }

    func begin() {
        open += 1
        reports.note(identity, self)
    }

    func end() {
        open = max(0, open - 1)
        reports.note(identity, self)
    }

    func data() { reports.note(identity, self) }
}

/// Tells xpmd of the services that had traffic: each once in so many seconds at most, the end of the last response included.
final class ActivityReports {
    /// How often at most.
    private static let interval = Duration.seconds(5)

    private let loop: EventLoop
    private let send: (ServiceIdentity, _ open: Int) -> Void
    /// The services that had traffic since the last report.
    private var due: [ServiceIdentity: ServiceActivity] = [:]
    /// Those with responses that go on.
    private var flowing: [ServiceIdentity: ServiceActivity] = [:]
    private var timer: Timer?
    private var last: Int64 = .min

    /// `send` tells xpmd.
    init(on loop: EventLoop, send: @escaping (ServiceIdentity, _ open: Int) -> Void) {
        (self.loop, self.send) = (loop, send)
    }

    fileprivate func note(_ identity: ServiceIdentity, _ activity: ServiceActivity) {
        // Most traffic ends here: it was noted already.
        if due[identity] == nil { due[identity] = activity }
        let timer = timer ?? Timer(on: loop) { [weak self] in self?.report() }
        self.timer = timer
        let next = last == .min ? loop.now : max(last + Self.interval.nanoseconds, loop.now)
        if !timer.isSet || timer.due > next { timer.set(next) }
    }

    /// Tells what there is to tell. While responses go on, that is said again and again, for xpmd does not see when we are gone.
    private func report() {
        last = loop.now
        let now = due.merging(flowing) { one, _ in one }
        due = [:]
        flowing = [:]
        for (identity, activity) in now {
            if activity.open > 0 { flowing[identity] = activity }
            send(identity, activity.open)
        }
        if !flowing.isEmpty { timer?.set(after: Self.interval * 4) }
    }
}
