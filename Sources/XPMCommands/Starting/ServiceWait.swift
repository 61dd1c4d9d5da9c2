import XPMClient
import XPMProtocol

/// Waits for a service to come where it is wanted, and shows meanwhile what it does.
struct ServiceWait {
    var goal: WaitService.Goal
    /// Seconds; nil waits as long as it takes.
    var timeout: Double?
    /// The revision of the reply to a stop: the wait for its end is over when the service is started again.
    var since: Int64?

    /// How often the line on the terminal is brought up to date. Without a terminal there is one request for the whole wait.
    private static let refreshSeconds = 0.2

    /// The service where it came to the goal; `startFailed` or `timedOut` with it in `data.service` otherwise.
    func run(_ service: ServiceReference, on connection: Connection) throws(WireError) -> ServiceRecord {
        var line = ProgressLine()
        defer { line.clear() }
        guard line.isShown else {
            return try connection.call(WaitService(service, goal: goal, timeoutSeconds: timeout, since: since))
        }
        let began = ContinuousClock.now
        while true {
            let left = timeout.map { $0 - began.duration(to: .now).seconds }
            do {
                return try connection.call(
                    WaitService(
                        service, goal: goal, timeoutSeconds: max(0, min(Self.refreshSeconds, left ?? .infinity)),
                        since: since))
            } catch  where error.code == .timedOut && left ?? .infinity > Self.refreshSeconds {
                line.show(text(error.service, service, seconds: Int64(began.duration(to: .now).seconds)))
            }
        }
    }

    private func text(_ record: ServiceRecord?, _ service: ServiceReference, seconds: Int64) -> String {
        guard let record else { return "\(service): waiting" }
        let reasons = [record.waitingFor.map { "waiting for \($0)" }, record.retry?.text(now: .now)].compactMap(\.self)
        let said = ([record.state.rawValue] + reasons).joined(separator: ", ")
        return "\(record.identity.fullName): \(said) (\(Age.text(seconds: seconds)))"
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension WireError {
    /// The service that the daemon sent with its refusal.
    var service: ServiceRecord? {
        guard let value = data["service"], case .object = value, let bytes = try? Wire.encode(value) else { return nil }
        return try? Wire.decode(ServiceRecord.self, from: bytes)
    }
}
