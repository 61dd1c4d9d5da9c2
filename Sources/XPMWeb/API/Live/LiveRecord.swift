import XPMClient
import XPMProtocol

/// A service as `live` shows it: its record, its place among the services, and where it can be opened.
struct LiveRecord: Encodable {
    var service: MirroredService
    var origin: ServiceOrigin?

    private enum Keys: String, CodingKey { case label, place, web }

    func encode(to encoder: any Encoder) throws {
        try service.record.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(origin?.label, forKey: .label)
        try container.encode(service.place, forKey: .place)
        try container.encode(origin?.web, forKey: .web)
    }
}

/// A run as `live` shows it.
struct LiveRun: Encodable {
    var record: ExperimentRecord
    var place: Int64

    private enum Keys: String, CodingKey { case place }

    func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(place, forKey: .place)
    }
}

/// Which service or run is no more.
struct LiveRemoval: Encodable {
    var run: RunIdentity
    var id: String?

    private enum Keys: String, CodingKey { case experiment, id, run, workspace }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(run.experiment, forKey: .experiment)
        try container.encodeIfPresent(id, forKey: .id)
        try container.encode(run.run, forKey: .run)
        try container.encode(run.workspace, forKey: .workspace)
    }
}

extension MirrorConnection {
    /// As `live` and `/metrics` say it, and why where it is not well.
    var words: (state: String, reason: String?) {
        switch self {
        case .connecting: ("connecting", nil)
        case .live: ("connected", nil)
        case .reconnecting(let reason): ("reconnecting", reason)
        }
    }
}
