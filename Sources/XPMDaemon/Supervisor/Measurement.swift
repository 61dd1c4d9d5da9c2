import NIOCore
import XPMProtocol
import XPMSupervision

/// Somebody who waits for what services use. Keeps its place among the questions also when it does not wait any longer.
final class Measurement {
    private var then: (([AttemptID: UsageReport]) -> Void)?
    private var timeout: Scheduled<Void>?

    init(within time: TimeAmount, loop: any EventLoop, then: @escaping ([AttemptID: UsageReport]) -> Void) {
        self.then = then
        timeout = loop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.answer([:]) }
    }

    /// Tells, the first time.
    func answer(_ usages: [AttemptID: UsageReport]) {
        timeout?.cancel()
        let told = then
        then = nil
        told?(usages)
    }
}
