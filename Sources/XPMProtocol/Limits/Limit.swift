/// The most that a request may have of something. The table of the protocol's page, Limits, is `all`.
public struct Limit: Hashable, Sendable {
    /// What is counted.
    public enum Unit: String, Sendable { case bytes, entries, levels }

    /// What is limited, as the page calls it.
    public let subject: String
    /// The most that is accepted.
    public let most: Int
    /// Of what.
    public let unit: Unit

    private init(_ subject: String, _ most: Int, _ unit: Unit) {
        self.subject = subject
        self.most = most
        self.unit = unit
    }

    public static let name = Limit("name", 128, .bytes)
    public static let description = Limit("description", 4096, .bytes)
    public static let className = Limit("class", 1024, .bytes)
    /// The most that Linux takes.
    public static let path = Limit("path", 4095, .bytes)
    /// More than any browser takes gladly.
    public static let url = Limit("URL", 4096, .bytes)
    public static let host = Limit("host", 255, .bytes)
    public static let pattern = Limit("pattern", 1024, .bytes)
    public static let patternDepth = Limit("groups of a pattern", 32, .levels)
    /// The most that Linux takes, MAX_ARG_STRLEN.
    public static let argument = Limit("argument", 131_071, .bytes)
    public static let arguments = Limit("arguments of a command", 16384, .entries)
    /// The same, its name and `=` included.
    public static let variable = Limit("variable", 131_071, .bytes)
    public static let variables = Limit("variables", 16384, .entries)
    public static let parameters = Limit("template parameters", 1024, .entries)
    public static let dependencies = Limit("ids of a kind of dependency", 1000, .entries)
    /// An origin each.
    public static let webPorts = Limit("named ports", 16, .entries)
    /// It stands in the name of an origin.
    public static let portName = Limit("name of a port", 20, .bytes)
    public static let subServices = Limit("sub-services", 1000, .entries)
    public static let named = Limit("services asked for by name", 256, .entries)
    public static let codes = Limit("codes", 500, .entries)
    /// A short text of another kind: a signal, a set of processors, what a client calls itself.
    public static let word = Limit("other text", 1024, .bytes)

    public static let all = [
        name, description, className, path, url, host, pattern, patternDepth, argument, arguments, variable, variables,
        parameters, dependencies, webPorts, portName, subServices, named, codes, word,
    ]
}

extension Limit {
    /// Refuses what is over it; `parameter` is where it stands in the request, `definition.folder`.
    public func check(_ given: Int, _ parameter: @autoclosure () -> String) throws(WireError) {
        if given > most { throw refusal(of: parameter(), given: given) }
    }

    /// The same for a text, which may not be given.
    func check(_ text: String?, _ parameter: @autoclosure () -> String) throws(WireError) {
        if let text { try check(text.utf8.count, parameter()) }
    }

    /// The same for each of some texts.
    func check(each texts: [String]?, _ parameter: @autoclosure () -> String) throws(WireError) {
        guard let texts, let index = texts.firstIndex(where: { $0.utf8.count > most }) else { return }
        throw refusal(of: "\(parameter())[\(index)]", given: texts[index].utf8.count)
    }

    /// What is said of it: which parameter, how much was given, and the limit.
    public func refusal(of parameter: String, given: Int) -> WireError {
        WireError(
            .limitExceeded, "cannot take the parameter \(parameter): it has \(given) \(unit), and the limit is \(most)",
            data: [
                "parameter": .string(parameter), "given": .integer(Int64(given)), "limit": .integer(Int64(most)),
                "unit": .string(unit.rawValue),
            ])
    }
}
