import XPMProtocol

extension Template {
    static func parameters(_ file: TemplateSection) throws(TemplateFault) -> [TemplateRecord.Parameter] {
        guard let node = file.node("parameters") else { return [] }
        let table = try TemplateSection(node, at: "parameters")
        var parameters: [TemplateRecord.Parameter] = []
        for name in table.keys { parameters.append(try parameter(name, in: table)) }
        return parameters
    }

    private static func parameter(_ name: String, in table: TemplateSection) throws(TemplateFault)
        -> TemplateRecord.Parameter
    {
        let key = table.path(name)
        guard ParameterName.isValid(name) else {
            throw TemplateFault(key, "the name may have letters, digits, '_' and '-' only, and begins with a letter")
        }
        guard name != ParameterName.id else { throw TemplateFault(key, "the name is reserved for the service's id") }
        let section = try TemplateSection(
            table.node(name) ?? .table([:]), at: key, known: ["type", "required", "default", "description"])
        let typeName = try section.string("type") ?? "string"
        guard let kind = TemplateRecord.Parameter.Kind(rawValue: typeName) else {
            throw TemplateFault("\(key).type", "'\(typeName)' is not one of string, path, integer, boolean")
        }
        let parameter = TemplateRecord.Parameter(
            name: name, kind: kind, description: try section.string("description") ?? "",
            required: try section.boolean("required") ?? false, fallback: try fallback(in: section, kind: kind))
        guard !parameter.required || parameter.fallback == nil else {
            throw TemplateFault("\(key).default", "a required parameter cannot have a default")
        }
        return parameter
    }

    private static func fallback(
        in section: TemplateSection, kind: TemplateRecord.Parameter.Kind
    ) throws(TemplateFault) -> JSONValue? {
        guard let node = section.node("default") else { return nil }
        switch (kind, node) {
        case (.string, .string(let text)): return .string(text)
        case (.path, .string(let text)) where !text.isEmpty: return .string(text)
        case (.integer, .integer(let number)): return .integer(number)
        case (.boolean, .boolean(let truth)): return .bool(truth)
        default:
            throw TemplateFault(
                section.path("default"), "\(node.kind) is not a value for a parameter of type \(kind.rawValue)")
        }
    }

    static func command(_ file: TemplateSection, knowing names: Set<String>) throws(TemplateFault) -> [TemplateText] {
        guard let command = try file.strings("command") else { throw TemplateFault("command", "it is missing") }
        guard let program = command.first, !program.isEmpty else {
            throw TemplateFault("command", "it names no program")
        }
        return try texts(command, at: "command", knowing: names)
    }

    static func optional(
        _ file: TemplateSection, of parameters: [TemplateRecord.Parameter], knowing names: Set<String>
    ) throws(TemplateFault) -> [OptionalArguments] {
        var all: [OptionalArguments] = []
        for (index, node) in try file.tables("optional").enumerated() {
            let key = "optional[\(index)]"
            let section = try TemplateSection(node, at: key, known: ["when", "arguments"])
            guard let when = try section.string("when") else { throw TemplateFault("\(key).when", "it is missing") }
            guard parameters.contains(where: { $0.name == when }) else {
                throw TemplateFault("\(key).when", "there is no parameter '\(when)'")
            }
            guard let arguments = try section.strings("arguments"), !arguments.isEmpty else {
                throw TemplateFault("\(key).arguments", "it is missing or empty")
            }
            all.append(
                OptionalArguments(
                    when: when,
                    arguments: try texts(arguments, at: "\(key).arguments", knowing: names.union([when]))))
        }
        return all
    }

    static func environment(
        _ file: TemplateSection, knowing names: Set<String>
    ) throws(TemplateFault) -> [String: TemplateText] {
        guard let node = file.node("environment") else { return [:] }
        let section = try TemplateSection(node, at: "environment")
        var environment: [String: TemplateText] = [:]
        for name in section.keys {
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")) else {
                throw TemplateFault(section.path(name), "this is not a valid name for an environment variable")
            }
            environment[name] = try text(try section.string(name) ?? "", at: section.path(name), knowing: names)
        }
        return environment
    }

    static func texts(
        _ texts: [String], at key: String, knowing names: Set<String>
    ) throws(TemplateFault) -> [TemplateText] {
        var read: [TemplateText] = []
        for part in texts { read.append(try text(part, at: key, knowing: names)) }
        return read
    }

    /// A text all of whose parameters are sure to have a value when it is used.
    static func text(_ text: String, at key: String, knowing names: Set<String>) throws(TemplateFault) -> TemplateText {
        let read = try TemplateText(text, at: key)
        if let name = read.parameters.first(where: { !names.contains($0) }) {
            throw TemplateFault(
                key, "'{\(name)}' may have no value here; the parameter must be defined, and required or have a default"
            )
        }
        return read
    }
}
