import XPMProtocol

/// The meters of services that have had visitors.
final class ActivityMeters {
    private let reports: ActivityReports
    private var meters: [ServiceIdentity: ServiceActivity] = [:]

    init(_ reports: ActivityReports) { self.reports = reports }

    subscript(identity: ServiceIdentity) -> ServiceActivity {
        if let meter = meters[identity] { return meter }
        let meter = ServiceActivity(identity, reports)
        meters[identity] = meter
        return meter
    }

    func forget(_ identity: ServiceIdentity) { meters[identity] = nil }
}
