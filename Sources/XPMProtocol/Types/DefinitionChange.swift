/// One thing that a user wrote otherwise in a newer definition of a service.
public struct DefinitionChange: Hashable, Sendable {
    /// Which: a variable, a parameter, or the path of the definition's key, `restart.policy`.
    public var key: String
    /// What it was and what it is to be, for people; nil where it was or is not given.
    public var old: String?
    public var new: String?
}

extension DefinitionChange: CustomStringConvertible {
    public var description: String { "\(key): \(old ?? "not set") → \(new ?? "not set")" }
}

extension ServiceDefinition {
    /// What its user wrote otherwise in `new`, in the order of the keys; empty where both are the same.
    ///
    /// What only came along with who added it is not compared: of the environment and the folder that is all but what one of the
    /// two says that its user wrote. A definition that does not say so goes by the other one, and two such by all they have.
    public func changes(to new: ServiceDefinition) -> [DefinitionChange] {
        if self == new { return [] }
        // Whatever its caller had makes no other definition.
        var (before, after) = (withoutCaller, new.withoutCaller)
        if explicit != nil || new.explicit != nil {
            let variables = Set((explicit?.variables ?? []) + (new.explicit?.variables ?? []))
            before.environment = environment?.filter { variables.contains($0.key) } ?? [:]
            after.environment = new.environment?.filter { variables.contains($0.key) } ?? [:]
            if explicit?.folder != true, new.explicit?.folder != true { (before.folder, after.folder) = (nil, nil) }
        }
        let isKnown = explicit != nil && new.explicit != nil
        (before.explicit, after.explicit) = (isKnown ? explicit?.only : nil, isKnown ? new.explicit?.only : nil)
        var found: [DefinitionChange] = []
        // Its text is its user's own; what makes two of them equal, its type knows.
        if stateDict != new.stateDict {
            found.append(
                DefinitionChange(
                    key: "state_dict", old: stateDict.map { _ in "(hidden)" },
                    new: new.stateDict.map { _ in "(hidden)" }))
        }
        (before.stateDict, after.stateDict) = (nil, nil)
        Self.compare(Self.tree(before), Self.tree(after), at: [], into: &found)
        return found
    }

    private static func tree(_ definition: ServiceDefinition) -> JSONValue {
        // What was read from JSON can be written as JSON.
        (try? Wire.decode(JSONValue.self, from: Wire.encode(definition))) ?? .null
    }

    private static func compare(
        _ old: JSONValue?, _ new: JSONValue?, at path: [String], into found: inout [DefinitionChange]
    ) {
        if old == new { return }
        if let before = old.members, let after = new.members {
            for key in Set(before.keys).union(after.keys).sorted() {
                compare(before[key], after[key], at: path + [key], into: &found)
            }
        } else {
            found.append(
                DefinitionChange(key: name(path), old: shown(old, at: path), new: shown(new, at: path)))
        }
    }

    /// The key as its user wrote it: `run.parameters.logdir` is `logdir`, `environment.SEED` is `SEED`.
    private static func name(_ path: [String]) -> String {
        switch path.first {
        case "environment" where path.count == 2: path[1]
        case "run" where path.count == 3 && path[1] == "parameters": path[2]
        case "explicit": "clean environment"
        case "run": path.dropFirst().joined(separator: ".")
        default: path.joined(separator: ".")
        }
    }

    /// The value for people; one that may be a secret is told only to be there.
    private static func shown(_ value: JSONValue?, at path: [String]) -> String? {
        guard let value else { return nil }
        if path.first == "environment", path.count == 1 || isSecret(path.last ?? "", value) { return "(hidden)" }
        let text =
            switch value {
            case .string(let text): text
            case .array(let words) where words.allSatisfy { $0.text != nil }:
                words.compactMap(\.text).joined(separator: " ")
            default: (try? Wire.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            }
        return text.utf8.count > 100 ? "\(text.prefix(bytes: 100))…" : text
    }

    private static func isSecret(_ name: String, _ value: JSONValue) -> Bool {
        let signs = ["KEY", "TOKEN", "SECRET", "PASS", "PWD", "CRED", "AUTH", "COOKIE", "SESSION", "PRIVATE", "DSN"]
        let upper = name.uppercased()
        // A URL may have a password in it.
        return signs.contains { upper.contains($0) } || value.text?.contains("@") == true
    }
}

extension ExplicitParts {
    /// What is no list of other keys.
    fileprivate var only: ExplicitParts? { clean == true ? ExplicitParts(clean: true) : nil }
}

extension JSONValue? {
    fileprivate var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
}
