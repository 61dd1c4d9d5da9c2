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
    private let loop: EventLoop
    /// How often at most.
    private let interval: Duration
    private let send: (ServiceIdentity, _ open: Int) -> Void
    /// The services that had traffic since the last report.
    private var due: [ServiceIdentity: ServiceActivity] = [:]
    /// Those with responses that go on.
    private var flowing: [ServiceIdentity: ServiceActivity] = [:]
    private var timer: Timer?
    private var last: Int64 = .min

    /// `send` tells xpmd how many responses go on; 0 for traffic that is over.
    init(
        on loop: EventLoop, interval: Duration = .seconds(5), send: @escaping (ServiceIdentity, _ open: Int) -> Void
    ) {
        (self.loop, self.interval, self.send) = (loop, interval, send)
    }

    /// Reports that tell an xpmd of it. One that does not know the method refuses, which is as well.
    convenience init(on loop: EventLoop, to daemon: any DaemonRequests) {
        self.init(on: loop) { identity, open in
            let report = Report(service: ServiceReference(identity), active: open > 0)
            guard let params = try? Wire.encode(report) else { return }
            daemon.request("service.activity", params: params, waits: false) { _ in }
        }
    }

    private struct Report: Encodable {
        var service: ServiceReference
        var active: Bool
    }

    fileprivate func note(_ identity: ServiceIdentity, _ activity: ServiceActivity) {
        // Most traffic ends here: it was noted already.
        if due[identity] == nil { due[identity] = activity }
        let timer = timer ?? Timer(on: loop) { [weak self] in self?.report() }
        self.timer = timer
        let next = last == .min ? loop.now : max(last + interval.nanoseconds, loop.now)
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
        if !flowing.isEmpty { timer?.set(after: interval * 4) }
    }
}
