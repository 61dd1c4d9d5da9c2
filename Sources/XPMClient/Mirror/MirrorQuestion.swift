import XPMProtocol

/// What a mirror asks xpmd.
enum MirrorQuestion: Hashable, Sendable {
    /// A page of all services that are selected; nil for the first one.
    case services(cursor: Int64?)
    /// The runs of one experiment, or all that are selected.
    case runs(of: ExperimentIdentity?)
    /// One service.
    case service(ServiceIdentity)

    var isAboutRuns: Bool { if case .runs = self { true } else { false } }
}

/// What xpmd has answered.
enum MirrorAnswer: Sendable {
    case services(ListServices.Reply)
    case runs([ExperimentRecord])
    /// Nil where there is no such service.
    case service(MirroredRecord.Reply?)
}

/// `service.get` for who wants the record: of the definition nothing is read but what it depends on.
struct MirroredRecord: Method {
    static let name = GetService.name
    static var isQuestion: Bool { true }

    var service: ServiceReference

    init(_ identity: ServiceIdentity) { service = ServiceReference(identity) }

    struct Reply: Codable, Hashable, Sendable {
        var service: ServiceRecord
        var definition: Dependencies?
    }

    /// The ids of services that a definition names, in whose records it is a dependent.
    struct Dependencies: Codable, Hashable, Sendable {
        var requires: [String]?
        var wants: [String]?
        var requiresCompleted: [String]?

        var all: [String] { (requires ?? []) + (wants ?? []) + (requiresCompleted ?? []) }

        private enum CodingKeys: String, CodingKey {
            case requires, wants
            case requiresCompleted = "requires_completed"
        }
    }
}
