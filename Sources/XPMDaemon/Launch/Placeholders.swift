import XPMProtocol

/// Puts what a service was allotted into its definition: `{port}`, `{port:NAME}` and `{prefix}`.
///
/// `{{port}}` is the text `{port}`. Everything else with braces stays as it was written, `${port}` of shells included.
struct Placeholders {
    /// The port that a probe without one uses.
    private let port: Int?
    private var places: [(text: [UInt8], escaped: [UInt8], value: [UInt8])] = []

    init(port: Int? = nil, prefix: String? = nil, ports: [String: Int] = [:]) {
        self.port = port
        if let port { add("port", String(port)) }
        if let prefix { add("prefix", prefix) }
        for (name, number) in ports { add("port:\(name)", String(number)) }
    }

    private mutating func add(_ name: String, _ value: String) {
        places.append((Array("{\(name)}".utf8), Array("{{\(name)}}".utf8), Array(value.utf8)))
    }

    /// Whether there is nothing to put anywhere.
    var isEmpty: Bool { places.isEmpty }

    func filled(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "{")) else { return text }
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if byte != UInt8(ascii: "{") {
                result.append(byte)
                rest = rest.dropFirst()
            } else if let place = places.first(where: { rest.starts(with: $0.escaped) }) {
                result += place.text
                rest = rest.dropFirst(place.escaped.count)
            } else if result.last != UInt8(ascii: "$"), let place = places.first(where: { rest.starts(with: $0.text) })
            {
                result += place.value
                rest = rest.dropFirst(place.text.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether the arguments of a template that its user added have a place for the port.
    static func hasPort(_ run: Run) -> Bool {
        guard case .template(_, _, let arguments) = run else { return false }
        return arguments.contains { $0.contains("{port}") }
    }

    func filled(_ definition: ServiceDefinition) -> ServiceDefinition {
        var filled = definition
        switch definition.run {
        case .command(let arguments): filled.run = .command(arguments.map(self.filled))
        case .template(let name, let parameters, let arguments):
            filled.run = .template(name, parameters: parameters, arguments: arguments.map(self.filled))
        case .recreate, .composite, .hosted: break
        }
        // What came along with the caller is no text that anybody wrote for this.
        let written = definition.explicit.map { Set($0.variables ?? []) }
        for (name, value) in definition.environment ?? [:] where written?.contains(name) ?? true {
            filled.environment?[name] = self.filled(value)
        }
        filled.url = definition.url.map(self.filled)
        filled.stop?.command = definition.stop?.command?.map(self.filled)
        fill(&filled.readiness, \.http, \.tcp, \.unix, \.command)
        fill(&filled.health, \.http, \.tcp, \.unix, \.command)
        if var web = definition.web {
            (web.host, web.origin) = (web.host.map(self.filled), web.origin.map(self.filled))
            (web.path, web.socket) = (web.path.map(self.filled), web.socket.map(self.filled))
            filled.web = web
        }
        if let probe = definition.idle?.probe {
            filled.idle?.probe?.command = probe.command?.map(self.filled)
            if let page = probe.http {
                filled.idle?.probe?.http = ActivityPage(path: self.filled(page.path), field: page.field)
            }
        }
        return filled
    }

    private func fill<Policy>(
        _ policy: inout Policy?, _ http: WritableKeyPath<Policy, HTTPProbe?>, _ tcp: WritableKeyPath<Policy, TCPProbe?>,
        _ unix: WritableKeyPath<Policy, UnixProbe?>, _ command: WritableKeyPath<Policy, CommandProbe?>
    ) {
        guard var probes = policy else { return }
        if var page = probes[keyPath: http] {
            (page.url, page.path) = (page.url.map(filled), page.path.map(filled))
            probes[keyPath: http] = page
        }
        if var place = probes[keyPath: tcp] {
            place.port = place.port ?? port
            probes[keyPath: tcp] = place
        }
        if let path = probes[keyPath: unix]?.path { probes[keyPath: unix] = UnixProbe(path: filled(path)) }
        if let words = probes[keyPath: command]?.arguments {
            probes[keyPath: command] = CommandProbe(words.map(filled))
        }
        policy = probes
    }
}
