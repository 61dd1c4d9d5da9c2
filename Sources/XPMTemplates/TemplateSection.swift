import XPMProtocol

/// A table of a template's file whose keys are all known.
struct TemplateSection {
    private let path: String
    private let entries: [String: TOMLNode]

    /// A table with no key but `known`: one letter wrong in an optional key would otherwise change nothing, silently.
    init(_ node: TOMLNode, at path: String, known: [String]) throws(TemplateFault) {
        try self.init(node, at: path)
        if let key = keys.first(where: { !known.contains($0) }) {
            let meant = Suggestion.close(to: key, in: known, most: 1).first.map { "; did you mean '\($0)'?" } ?? ""
            throw TemplateFault(
                self.path(key), "unknown key; known keys: \(known.joined(separator: ", "))\(meant)")
        }
    }

    /// A table whose keys are the author's own.
    init(_ node: TOMLNode, at path: String) throws(TemplateFault) {
        guard case .table(let entries) = node else {
            throw TemplateFault(path, "\(node.kind) where a table is expected")
        }
        self.path = path
        self.entries = entries
    }

    /// Its keys, sorted.
    var keys: [String] { entries.keys.sorted() }

    /// A key with the tables around it.
    func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of a key as it is.
    func node(_ key: String) -> TOMLNode? { entries[key] }

    /// The value of a key whose type is left to `read`; nil where the key is not given.
    private func value<Value>(_ key: String, _ expected: String, _ read: (TOMLNode) -> Value?) throws(TemplateFault)
        -> Value?
    {
        guard let node = entries[key] else { return nil }
        guard let value = read(node) else {
            throw TemplateFault(path(key), "\(node.kind) where \(expected) is expected")
        }
        return value
    }

    func string(_ key: String) throws(TemplateFault) -> String? {
        try value(key, "a string") { if case .string(let text) = $0 { text } else { nil } }
    }

    func boolean(_ key: String) throws(TemplateFault) -> Bool? {
        try value(key, "true or false") { if case .boolean(let truth) = $0 { truth } else { nil } }
    }

    func number(_ key: String) throws(TemplateFault) -> Double? {
        try value(key, "a number") { node in
            switch node {
            case .integer(let number): Double(number)
            case .float(let number): number
            default: nil
            }
        }
    }

    func integer(_ key: String) throws(TemplateFault) -> Int? {
        try value(key, "an integer") { if case .integer(let number) = $0 { Int(number) } else { nil } }
    }

    func strings(_ key: String) throws(TemplateFault) -> [String]? {
        try value(key, "an array of strings") { node in
            guard case .array(let nodes) = node else { return nil }
            let texts = nodes.compactMap { if case .string(let text) = $0 { text } else { nil } }
            return texts.count == nodes.count ? texts : nil
        }
    }

    func integers(_ key: String) throws(TemplateFault) -> [Int64]? {
        try value(key, "an array of integers") { node in
            guard case .array(let nodes) = node else { return nil }
            let numbers = nodes.compactMap { if case .integer(let number) = $0 { number } else { nil } }
            return numbers.count == nodes.count ? numbers : nil
        }
    }

    /// The tables of an array of tables, none where the key is not given.
    func tables(_ key: String) throws(TemplateFault) -> [TOMLNode] {
        try value(key, "an array of tables") { if case .array(let nodes) = $0 { nodes } else { nil } } ?? []
    }
}
