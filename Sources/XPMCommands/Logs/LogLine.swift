import XPMProtocol

/// A line of a log for programs: what the wire has of it, with the service and the time in words.
struct LogLine: Encodable {
    private let entry: ServiceLogs.Entry
    private let service: String

    init(_ entry: ServiceLogs.Entry, of service: String) {
        self.entry = entry
        self.service = service
    }

    private enum Keys: String, CodingKey { case at, service }

    func encode(to encoder: any Encoder) throws {
        try entry.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(entry.at, forKey: .at)
        try container.encode(service, forKey: .service)
    }

    /// One line of the wire's JSON, in which nothing is a command to a terminal.
    var text: String {
        get throws { Sanitizer.json(String(decoding: try Wire.encode(self), as: UTF8.self)) + "\n" }
    }
}
