import XPMProtocol

/// A policy as it stands in a template's file: its texts may name parameters, whose values are put in before it is read.
struct PolicyText<Policy: Codable & Hashable & Sendable>: Hashable, Sendable {
    private let value: TextValue

    /// Reads the tables found at `key`; each key must be one of the policy's, and each value of its type.
    init(_ nodes: [String: TOMLNode], at key: String, naming parameters: TemplateNames) throws(TemplateFault) {
        var fields: [String: TextValue] = [:]
        for (name, node) in nodes.sorted(by: { $0.key < $1.key }) {
            let path = key.isEmpty ? name : "\(key).\(name)"
            fields[name] = try TextValue(node, at: path, naming: parameters)
        }
        value = .object(fields)
        // Tried with some value for each parameter, so that a fault is found where it is made.
        let sample = value.filled(with: parameters.samples)
        do {
            let policy = try Wire.decode(Policy.self, from: Wire.encode(sample))
            let known = try Wire.decode(JSONValue.self, from: Wire.encode(policy))
            if let unknown = Self.unknown(in: sample, beside: known, at: key) {
                throw TemplateFault(unknown, "unknown key")
            }
        } catch let fault as TemplateFault {
            throw fault
        } catch {
            let (place, cause) = Self.explained(error)
            throw TemplateFault([key, place].filter { !$0.isEmpty }.joined(separator: "."), cause)
        }
    }

    /// The parameters that it names.
    var parameters: Set<String> { value.parameters }

    /// How many bytes its texts have with values of such sizes in their places.
    func size(with sizes: [String: Int]) -> Int { value.size(with: sizes) }

    /// The policy with the parameters' values in their places.
    func filled(with values: [String: String]) throws(WireError) -> Policy {
        do {
            return try Wire.decode(Policy.self, from: Wire.encode(value.filled(with: values)))
        } catch {
            let (place, cause) = Self.explained(error)
            throw WireError(
                .templateParameter,
                "cannot use these parameters\(place.isEmpty ? "" : " for the template's \(place)"): \(cause)")
        }
    }

    private static func explained(_ error: any Error) -> (place: String, cause: String) {
        guard let error = error as? DecodingError else { return ("", "\(error)") }
        let (path, cause) = error.words
        return (path.joined(separator: "."), cause)
    }

    /// A key that was given and does not come back.
    private static func unknown(in given: JSONValue, beside known: JSONValue, at key: String) -> String? {
        guard case .object(let given) = given, case .object(let known) = known else { return nil }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            let path = key.isEmpty ? name : "\(key).\(name)"
            guard let other = known[name] else { return path }
            if let below = unknown(in: value, beside: other, at: path) { return below }
        }
        return nil
    }
}

/// The parameters that a text may name where it stands, and what kind of value each has.
struct TemplateNames {
    let kinds: [String: TemplateRecord.Parameter.Kind]

    var names: Set<String> { Set(kinds.keys) }

    /// Some value for each.
    var samples: [String: String] {
        kinds.mapValues { kind in
            switch kind {
            case .string: "value"
            case .path: "/value"
            case .integer: "1"
            case .boolean: "true"
            }
        }
    }
}

/// A value whose texts may name parameters. One that is nothing but an integer or boolean parameter takes its type.
indirect enum TextValue: Hashable, Sendable {
    case text(TemplateText)
    case integer(String)
    case boolean(String)
    case plain(JSONValue)
    case array([TextValue])
    case object([String: TextValue])

    init(_ node: TOMLNode, at key: String, naming parameters: TemplateNames) throws(TemplateFault) {
        switch node {
        case .string(let text):
            let read = try Template.text(text, at: key, knowing: parameters.names)
            let only = read.parameters.first.flatMap { text.utf8.elementsEqual("{\($0)}".utf8) ? $0 : nil }
            switch only.flatMap({ parameters.kinds[$0] }) {
            case .integer: self = .integer(only ?? "")
            case .boolean: self = .boolean(only ?? "")
            case .string, .path, nil: self = .text(read)
            }
        case .integer(let number): self = .plain(.integer(number))
        case .float(let number): self = .plain(.number(number))
        case .boolean(let truth): self = .plain(.bool(truth))
        case .array(let nodes):
            var values: [TextValue] = []
            for (index, node) in nodes.enumerated() {
                values.append(try TextValue(node, at: "\(key)[\(index)]", naming: parameters))
            }
            self = .array(values)
        case .table(let nodes):
            var fields: [String: TextValue] = [:]
            for (name, node) in nodes.sorted(by: { $0.key < $1.key }) {
                fields[name] = try TextValue(node, at: "\(key).\(name)", naming: parameters)
            }
            self = .object(fields)
        case .time: throw TemplateFault(key, "a date or time where none is expected")
        }
    }

    /// The parameters that it names.
    var parameters: Set<String> {
        switch self {
        case .text(let text): Set(text.parameters)
        case .integer(let name), .boolean(let name): [name]
        case .plain: []
        case .array(let elements): elements.reduce(into: []) { $0.formUnion($1.parameters) }
        case .object(let fields): fields.values.reduce(into: []) { $0.formUnion($1.parameters) }
        }
    }

    func size(with sizes: [String: Int]) -> Int {
        switch self {
        case .text(let text): text.size(with: sizes)
        case .integer, .boolean, .plain: 0
        case .array(let elements): elements.reduce(0) { $0 + $1.size(with: sizes) }
        case .object(let fields): fields.values.reduce(0) { $0 + $1.size(with: sizes) }
        }
    }

    func filled(with values: [String: String]) -> JSONValue {
        switch self {
        case .text(let text): .string(text.filled(with: values))
        case .integer(let name): values[name].flatMap(Int64.init).map(JSONValue.integer) ?? .null
        case .boolean(let name): .bool(values[name] == "true")
        case .plain(let value): value
        case .array(let elements): .array(elements.map { $0.filled(with: values) })
        case .object(let fields): .object(fields.mapValues { $0.filled(with: values) })
        }
    }
}

/// The policies that a template sets as a definition does, under the same keys.
struct TemplatePolicies: Codable, Hashable, Sendable {
    var stop: StopPolicy?
    var restart: RestartPolicy?
    var health: HealthPolicy?
    var log: LogPolicy?
    var tty: TerminalPolicy?
    var limits: ResourceLimits?
    var lifetime: LifetimePolicy?
    var watchdogSeconds: Double?
    var successCodes: [Int32]?
    var onFailure: [String]?
    var web: WebPolicy?
    var idle: IdlePolicy?
    var network: NetworkChoice?

    static let keys = [
        "restart", "health", "log", "tty", "limits", "lifetime", "watchdog_s", "success_codes", "on_failure", "web",
        "idle", "network",
    ]

    private enum CodingKeys: String, CodingKey {
        case stop, restart, health, log, tty, limits, lifetime, web, idle, network
        case watchdogSeconds = "watchdog_s"
        case successCodes = "success_codes"
        case onFailure = "on_failure"
    }
}
