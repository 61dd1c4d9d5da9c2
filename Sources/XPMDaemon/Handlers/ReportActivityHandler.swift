import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func reportActivity(_ request: ReportActivity, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let lease = try Duration.seconds(
            request.leaseSeconds ?? ReportActivity.defaultLeaseSeconds, of: "the lease of its traffic")
        guard lease <= .seconds(ReportActivity.longestLeaseSeconds) else {
            throw WireError(
                .invalidParameters,
                "cannot take a lease of \(lease.text): the maximum is \(ReportActivity.longestLeaseSeconds) s")
        }
        let ago = try Duration.seconds(request.agoSeconds ?? 0, of: "the time since its traffic")
        let (now, reporter) = (IdleWatch.now, ObjectIdentifier(responder.connection))
        for part in entry.isComposite ? entry.subServices : [entry] where part.idle != nil {
            noteTraffic(of: part) { clock in
                switch request.active {
                case true?: clock.begin(by: reporter, until: now + lease, at: now)
                case false?:
                    clock.end(by: reporter, at: now)
                    clock.noteActivity(at: now - ago)
                case nil: clock.noteActivity(at: now - ago)
                }
            }
            if request.active == true { remember(responder.connection, of: part) }
        }
        responder.reply(Empty())
    }

    /// What a connection has told of ends with it.
    private func remember(_ connection: any ReplyChannel, of entry: ServiceEntry) {
        let reporter = ObjectIdentifier(connection)
        let isKnown = reporters[reporter] != nil
        reporters[reporter, default: [:]][entry.key] = entry
        guard !isKnown else { return }
        connection.whenClosed { [weak self] in
            guard let self else { return }
            for entry in reporters.removeValue(forKey: reporter)?.values ?? [:].values {
                noteTraffic(of: entry) { $0.end(by: reporter, at: IdleWatch.now) }
            }
        }
    }
}
