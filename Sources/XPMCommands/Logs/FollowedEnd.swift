import XPMClient
import XPMProtocol

/// The end of a service whose log is followed.
enum FollowedEnd {
    /// The service once it has ended for good; nil where that cannot be known.
    static func wait(for service: ServiceReference, _ connection: ConnectionOptions) -> ServiceRecord? {
        let session = try? Session { () throws(WireError) in try connection.connect(autostart: false) }
        while let session {
            do { return try session.call(WaitService(service, goal: .ended)) } catch {
                // It was started again before it had ended.
                guard error.code == .overtaken else { return nil }
            }
        }
        return nil
    }

    static func tell(of service: ServiceRecord) {
        let name = service.identity.fullName
        guard service.attempt != nil else {
            return StandardError.line("xpmctl: \(name) has not run yet; --retry waits for its start")
        }
        let detail = ServiceTable.detail(service, now: .now)
        StandardError.line(
            "xpmctl: \(name) has ended: \(service.state.rawValue)\(detail.isEmpty ? "" : ", \(detail)")")
    }
}
