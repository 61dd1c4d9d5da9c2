/// What is run for a service. On the wire an object whose `kind` tells which.
public enum Run: Hashable, Sendable {
    /// A command with its arguments; the command is looked up in the `PATH` of the service's environment.
    case command([String])
    /// A named definition with values for its parameters, and perhaps arguments behind its own.
    case template(String, parameters: [String: JSONValue], arguments: [String] = [])
    /// The class of the definition, made again from its state dictionary by a host.
    case recreate(Recreation)
    /// Nothing of its own: it is what its sub-services are.
    case composite
    /// It lives in the process of the client that adds it, which starts and stops it when the daemon asks for that.
    case hosted
}

extension Run: Codable {
    private enum Keys: String, CodingKey { case arguments, kind, parameters, template }
    private enum Kind: String, Codable { case command, template, recreate, composite, hosted }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .command:
            self = .command(try container.decode([String].self, forKey: .arguments))
        case .template:
            self = .template(
                try container.decode(String.self, forKey: .template),
                parameters: try container.decodeIfPresent([String: JSONValue].self, forKey: .parameters) ?? [:],
                arguments: try container.decodeIfPresent([String].self, forKey: .arguments) ?? [])
        case .recreate: self = .recreate(try Recreation(from: decoder))
        case .composite: self = .composite
        case .hosted: self = .hosted
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .command(let arguments):
            try container.encode(arguments, forKey: .arguments)
            try container.encode(Kind.command, forKey: .kind)
        case .template(let name, let parameters, let arguments):
            if !arguments.isEmpty { try container.encode(arguments, forKey: .arguments) }
            try container.encode(Kind.template, forKey: .kind)
            try container.encode(parameters, forKey: .parameters)
            try container.encode(name, forKey: .template)
        case .recreate(let recreation):
            try container.encode(Kind.recreate, forKey: .kind)
            try recreation.encode(to: encoder)
        case .composite: try container.encode(Kind.composite, forKey: .kind)
        case .hosted: try container.encode(Kind.hosted, forKey: .kind)
        }
    }
}
