import XPMProtocol

/// What a command that changed a service says: the record as JSON, or a line for people.
struct Acknowledgement {
    var output: OutputFormat

    func show(_ service: ServiceRecord) throws {
        switch output {
        case .json: try StandardOutput.writeJSON(service)
        case .table:
            let detail = ServiceTable.detail(service, now: .now)
            StandardError.line(
                "\(service.identity.fullName): \(service.state.rawValue)\(detail.isEmpty ? "" : ", \(detail)")")
        }
    }
}
