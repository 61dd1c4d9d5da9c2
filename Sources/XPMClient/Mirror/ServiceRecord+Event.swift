import XPMProtocol

extension ServiceRecord {
    /// The record after a change of the service, as far as the event tells; the rest is as before until the record itself is there.
    func after(_ event: EventRecord) -> ServiceRecord {
        var record = self
        record.revision = event.revision ?? revision
        record.state = event.state ?? state
        if event.previous != event.state {
            record.since = event.at
            record.waitingFor = nil
            record.deadline = nil
        }
        record.attempt = event.attempt ?? attempt
        record.pid = event.pid
        record.url = event.url
        record.error = event.error
        record.exit = event.exit
        record.retry = event.retry
        record.health = event.health ?? health
        return record
    }
}
