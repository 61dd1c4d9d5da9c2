import XPMClient
import XPMProtocol

/// What running services use, at one moment.
struct UsageSample {
    /// One service.
    struct Entry {
        var service: ServiceIdentity
        var place: Int64
        var usage: UsageReport
        /// Of one processor, since the sample before; nil without one of the same attempt.
        var processorPercent: Double?
    }

    var at: Timestamp
    var entries: [Entry]

    /// As `live` tells it.
    var event: [UInt8] {
        let rows = entries.map { entry in
            let memory = entry.usage.memoryBytes.map(String.init) ?? "null"
            let percent = entry.processorPercent.map { "\($0)" } ?? "null"
            return "[\(entry.place),\(memory),\(percent)]"
        }
        let time = String(decoding: (try? Wire.encode(at)) ?? Array("null".utf8), as: UTF8.self)
        return ServerSentEvent.bytes(
            name: "usage", data: Array("{\"at\":\(time),\"services\":[\(rows.joined(separator: ","))]}".utf8))
    }
}

extension UsageSample: Encodable {
    private enum Keys: String, CodingKey { case at, services }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(at, forKey: .at)
        try container.encode(entries, forKey: .services)
    }
}

extension UsageSample.Entry: Encodable {
    private enum Keys: String, CodingKey {
        case experiment, id, place, run, workspace
        case percent = "cpu_percent"
    }

    func encode(to encoder: any Encoder) throws {
        try usage.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encodeIfPresent(processorPercent, forKey: .percent)
        try container.encode(service.run.experiment, forKey: .experiment)
        try container.encode(service.id, forKey: .id)
        try container.encode(place, forKey: .place)
        try container.encode(service.run.run, forKey: .run)
        try container.encode(service.run.workspace, forKey: .workspace)
    }
}
