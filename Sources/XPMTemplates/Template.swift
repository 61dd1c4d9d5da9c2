import XPMProtocol

/// A named definition with parameters, read from a file. Only lists of arguments come of it: no shell sees any of its texts.
public struct Template: Hashable, Sendable {
    /// The name that `run.template` and `xpmctl start` take.
    public let name: String
    /// The file that it was read from.
    public let path: String
    /// One line for people; empty where the file has none.
    public let description: String
    /// What it can be told, in the order of the names.
    public let parameters: [TemplateRecord.Parameter]

    let command: [TemplateText]
    let optional: [OptionalArguments]
    let environment: [String: TemplateText]
    let url: TemplateText?
    let readiness: ReadinessText?
    let stop: StopPolicy?
    let policies: PolicyText<TemplatePolicies>
    private let hasWeb: Bool
    /// The ports of `web.ports` by their names; 0 for those that xpmd chooses.
    public let ports: [String: Int]

    /// Arguments that are added only when a parameter has a value, for a boolean one only when it is true.
    struct OptionalArguments: Hashable, Sendable {
        let when: String
        let arguments: [TemplateText]
    }

    /// A readiness whose page may still name parameters. The log's pattern never does: braces mean repetition there.
    struct ReadinessText: Hashable, Sendable {
        let fixed: Readiness
        let url: TemplateText?
        let rest: PolicyText<Readiness>
    }

    /// Reads the text of the file at `path`. An `invalidTemplate` error names the file, the key and the cause.
    public init(name: String, toml: String, path: String) throws(WireError) {
        try Name.validate(name, of: "a template")
        do {
            let file = try TemplateSection(
                .document(toml), at: "",
                known: ["description", "command", "parameters", "environment", "url", "readiness", "stop", "optional"]
                    + TemplatePolicies.keys)
            description = try file.string("description") ?? ""
            parameters = try Self.parameters(file)
            ports = try Self.ports(file)
            let own = Set(parameters.map(\.name))
            let always = Set(
                ParameterName.builtIn.filter { !own.contains($0) } + ports.keys.map(ParameterName.port)
                    + parameters.filter { $0.required || $0.fallback != nil }.map(\.name))
            command = try Self.command(file, knowing: always)
            optional = try Self.optional(file, of: parameters, knowing: always)
            environment = try Self.environment(file, knowing: always)
            url = try file.string("url").map { (given) throws(TemplateFault) in
                try Self.text(given, at: "url", knowing: always)
            }
            let names = Self.names(always, parameters)
            readiness = try Self.readiness(file, naming: names)
            stop = try Self.stop(file)
            policies = try Self.policies(file, naming: names)
            hasWeb = file.node("web") != nil
            try Self.checkSize(description, parameters)
        } catch {
            throw Self.invalid(
                name: name, path: path, cause: error.key.isEmpty ? error.cause : "\(error.key): \(error.cause)")
        }
        self.name = name
        self.path = path
    }

    /// The most bytes of what is listed of a template, its description and parameters, so that all fit into a reply.
    static let recordLimit = 16 << 10
    /// The most that is said of a fault.
    private static let causeLimit = 1024

    private static func checkSize(
        _ description: String, _ parameters: [TemplateRecord.Parameter]
    ) throws(TemplateFault) {
        let size = parameters.reduce(description.utf8.count) { sum, parameter in
            sum + parameter.name.utf8.count + parameter.description.utf8.count
                + (parameter.fallback?.text?.utf8.count ?? 0)
        }
        guard size <= recordLimit else {
            throw TemplateFault("", "its description and parameters have more than \(recordLimit) bytes")
        }
    }

    /// The error of a template that cannot be used.
    static func invalid(name: String, path: String, cause: String) -> WireError {
        let cause = cause.utf8.count > causeLimit ? String(cause.unicodeScalars.prefix(causeLimit)) + "…" : cause
        return WireError(
            .invalidTemplate, "cannot use template \(Name.quoted(name)) (\(path)): \(cause)",
            data: ["path": .string(path), "template": .string(name)])
    }

    /// Whether it names the port that the service is allotted, which it must be given then.
    public var usesPort: Bool { names(builtIn: ParameterName.port) }

    /// Whether it names the token that the service is allotted.
    public var usesToken: Bool { names(builtIn: ParameterName.token) }

    /// Whether it names the prefix or says how its page is reached.
    public var usesWeb: Bool { hasWeb || names(builtIn: ParameterName.prefix) }

    /// All its texts but those of its policies.
    private var texts: [TemplateText] {
        command + optional.flatMap(\.arguments) + environment.values + [url, readiness?.url].compactMap(\.self)
    }

    /// How many bytes it has with values of such sizes in their places.
    func size(with sizes: [String: Int]) -> Int {
        texts.reduce(0) { $0 + $1.size(with: sizes) } + policies.size(with: sizes)
            + (readiness?.rest.size(with: sizes) ?? 0)
    }

    private func names(builtIn name: String) -> Bool {
        guard !parameters.contains(where: { $0.name == name }) else { return false }
        return texts.contains { $0.parameters.contains(name) } || policies.parameters.contains(name)
            || readiness?.rest.parameters.contains(name) == true
    }

    /// The template as clients see it.
    public var record: TemplateRecord {
        TemplateRecord(name: name, description: description, path: path, parameters: parameters)
    }
}
