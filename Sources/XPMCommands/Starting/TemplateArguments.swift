import XPMProtocol

/// What follows `xpmctl start`: names of services, or one template with its parameters, and behind `--` more arguments of its
/// command: `tensorboard --logdir runs -- --samples_per_plugin images=100`.
struct TemplateArguments: Equatable {
    /// The words before the first parameter.
    var names: [String] = []
    /// The parameters by their names, as they were written; nil for one without a value.
    var parameters: [String: String?] = [:]
    /// What follows the template's own arguments.
    var arguments: [String] = []

    /// Whether there is more than names.
    var areGiven: Bool { !parameters.isEmpty || !arguments.isEmpty }

    /// Reads `--key value`, `--key=value`, and `--key` alone for what is true or false. Behind `--` are arguments, or where nothing is
    /// before it, names. `assigned` are more parameters, `key=value` each.
    init(_ words: [String], assigned: [String] = []) throws(WireError) {
        for assignment in assigned {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw WireError(
                    .templateParameter, "cannot read --param \(Name.quoted(assignment)): it takes NAME=VALUE")
            }
            guard parameters.updateValue(parts[1], forKey: parts[0]) == nil else { throw Self.twice(parts[0]) }
        }
        let end = words.firstIndex(of: "--") ?? words.endIndex
        guard end != words.startIndex || words.isEmpty else {
            names = Array(words.dropFirst())
            return
        }
        arguments = Array(words[end...].dropFirst())
        var rest = words[..<end]
        while let word = rest.first, !word.hasPrefix("-") {
            names.append(word)
            rest.removeFirst()
        }
        while let word = rest.popFirst() {
            guard word.hasPrefix("--"), word.count > 2 else {
                throw WireError(
                    .templateParameter,
                    "cannot read \(Name.quoted(word)): write a template's parameters as --NAME VALUE or --NAME=VALUE"
                )
            }
            let parameter = word.dropFirst(2)
            let key: String
            let value: String?
            if let equals = parameter.firstIndex(of: "=") {
                key = String(parameter[..<equals])
                value = String(parameter[parameter.index(after: equals)...])
            } else {
                key = String(parameter)
                value = rest.first.flatMap { $0.hasPrefix("--") ? nil : $0 }
                if value != nil { rest.removeFirst() }
            }
            guard parameters.updateValue(value, forKey: key) == nil else {
                throw Self.twice(key)
            }
        }
    }

    /// Adds a parameter that an option was read for.
    mutating func add(_ key: String, _ value: String) throws(WireError) {
        guard parameters.updateValue(value, forKey: key) == nil else { throw Self.twice(key) }
    }

    /// The values in the kinds that `template` declares. What it does not declare goes as it is: the daemon knows better and refuses it.
    func values(for template: TemplateRecord?) throws(WireError) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for (written, text) in parameters {
            let parameter = template?.parameters.first { Self.isMeant($0.name, by: written) }
            let name = parameter?.name ?? written
            guard values[name] == nil else { throw Self.twice(name) }
            values[name] = try Self.value(text, kind: parameter?.kind, name: name)
        }
        return values
    }

    /// Options are typed with dashes, templates are written with underscores as often as not.
    private static func isMeant(_ name: String, by written: String) -> Bool {
        name == written || name == String(written.map { $0 == "-" ? "_" : $0 })
    }

    private static func twice(_ name: String) -> WireError {
        WireError(.templateParameter, "cannot use --\(name) twice", data: ["parameter": .string(name)])
    }

    private static func value(_ text: String?, kind: TemplateRecord.Parameter.Kind?, name: String) throws(WireError)
        -> JSONValue
    {
        func refused(_ fault: String) -> WireError {
            WireError(.templateParameter, "cannot use --\(name): \(fault)", data: ["parameter": .string(name)])
        }
        switch (kind, text) {
        case (.boolean, nil), (.boolean, "true"), (.boolean, "yes"): return true
        case (.boolean, "false"), (.boolean, "no"): return false
        case (.boolean, let text?): throw refused("it takes true or false, not \(Name.quoted(text))")
        case (nil, nil): return true
        case (_, nil): throw refused("it needs a value")
        case (.integer, let text?):
            guard let number = Int64(text) else { throw refused("it takes a whole number, not \(Name.quoted(text))") }
            return .integer(number)
        case (.path, let text?) where !text.isEmpty: return .string(Caller.written(text))
        case (.string, let text?), (.path, let text?), (nil, let text?): return .string(text)
        }
    }
}
