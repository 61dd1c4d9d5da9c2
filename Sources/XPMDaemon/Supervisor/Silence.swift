import Logging
import XPMProtocol

/// What a keeper that does not answer means for those who wait: nothing that they wait for can be done or seen.
extension Supervisor {
    /// The keeper does not answer any more, or does so again.
    func keeperIsSilent(_ isSilent: Bool) {
        guard isSilent, let fault = keeper.fault else {
            return logger.notice("xpm-keeper answers again")
        }
        logger.error("\(fault); services are neither started, stopped nor watched until it does")
        dropMeasurements(isOver: false)
        for entry in registry.services { failWaits(for: entry, because: fault) }
    }

    /// Ends the waits for a service whose processes the keeper has.
    func failWaits(for entry: ServiceEntry, because fault: String) {
        guard !entry.isHosted else { return }
        for waiter in entry.waiters.takeAll() { waiter.fail(.keeperUnavailable, because: fault, entry: entry) }
    }
}
