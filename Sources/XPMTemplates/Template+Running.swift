import XPMPatterns
import XPMProtocol

extension Template {
    /// The kinds of those parameters that are sure to have a value.
    static func names(_ names: Set<String>, _ parameters: [TemplateRecord.Parameter]) -> TemplateNames {
        var kinds: [String: TemplateRecord.Parameter.Kind] = [:]
        for name in names {
            kinds[name] = name == ParameterName.port || name.hasPrefix(ParameterName.port("")) ? .integer : .string
        }
        for parameter in parameters where names.contains(parameter.name) { kinds[parameter.name] = parameter.kind }
        return TemplateNames(kinds: kinds)
    }

    /// The policies that need no more care than their types give them, and the stop command.
    static func policies(_ file: TemplateSection, naming names: TemplateNames) throws(TemplateFault)
        -> PolicyText<TemplatePolicies>
    {
        var nodes: [String: TOMLNode] = [:]
        for key in TemplatePolicies.keys { nodes[key] = file.node(key) }
        if case .table(let stop)? = file.node("stop"), let command = stop["command"] {
            nodes["stop"] = .table(["command": command])
        }
        let policies = try PolicyText<TemplatePolicies>(nodes, at: "", naming: names)
        // With some value for each parameter, so that a fault is found where it is made.
        if let (key, cause) = (try? policies.filled(with: names.samples))?.web?.fault {
            throw TemplateFault("web.\(key)", cause)
        }
        return policies
    }

    /// The numbers of `web.ports`: they are values of the template's other texts.
    static func ports(_ file: TemplateSection) throws(TemplateFault) -> [String: Int] {
        guard case .table(let web)? = file.node("web"), let node = web["ports"] else { return [:] }
        let section = try TemplateSection(node, at: "web.ports")
        var ports: [String: Int] = [:]
        for name in section.keys {
            guard WebPolicy.isPortName(name) else { throw TemplateFault(section.path(name), WebPolicy.portNameRule) }
            ports[name] = try section.integer(name)
        }
        return ports
    }

    static func readiness(_ file: TemplateSection, naming names: TemplateNames) throws(TemplateFault) -> ReadinessText?
    {
        guard let node = file.node("readiness") else { return nil }
        let others = [
            "notify", "tcp", "unix", "command", "delay_s", "initial_delay_s", "successes", "any_listener",
        ]
        let section = try TemplateSection(node, at: "readiness", known: ["timeout_s", "log", "http"] + others)
        var rest: [String: TOMLNode] = [:]
        for key in others { rest[key] = section.node(key) }
        let timeout = try section.number("timeout_s")
        if let timeout, !(timeout > 0 && timeout.isFinite) {
            throw TemplateFault("readiness.timeout_s", "it must be more than 0 seconds")
        }
        var readiness = Readiness(timeoutSeconds: timeout)
        var url: TemplateText?
        if let node = section.node("log") { readiness.log = try logPattern(node) }
        if let node = section.node("http") {
            let http = try TemplateSection(node, at: "readiness.http", known: ["url", "path", "status"])
            if let path = http.node("path") { rest["http"] = .table(["path": path]) }
            if let given = try http.string("url") {
                url = try text(given, at: "readiness.http.url", knowing: names.names)
            } else if readiness.log == nil, section.node("notify") == nil, file.node("url") == nil {
                throw TemplateFault("readiness.http", "it has no url, and there is no readiness.log to capture one")
            }
            readiness.http = HTTPProbe(status: try status(http))
        }
        return ReadinessText(
            fixed: readiness, url: url, rest: try PolicyText(rest, at: "readiness", naming: names))
    }

    private static func logPattern(_ node: TOMLNode) throws(TemplateFault) -> LogPattern {
        let section = try TemplateSection(node, at: "readiness.log", known: ["pattern", "stream"])
        guard let pattern = try section.string("pattern"), !pattern.isEmpty else {
            throw TemplateFault("readiness.log.pattern", "it is missing or empty")
        }
        do {
            _ = try LinePattern(pattern)
        } catch {
            let isSyntax = if case .unusable = error { true } else { false }
            throw TemplateFault(
                "readiness.log.pattern", isSyntax ? "it is not a regular expression: \(error.cause)" : error.cause)
        }
        guard let name = try section.string("stream") else { return LogPattern(pattern) }
        guard let stream = LogPattern.Stream(rawValue: name) else {
            throw TemplateFault("readiness.log.stream", "'\(name)' is not one of stdout, stderr, both")
        }
        return LogPattern(pattern, stream: stream)
    }

    private static func status(_ section: TemplateSection) throws(TemplateFault) -> [Int]? {
        guard let codes = try section.integers("status") else { return nil }
        guard !codes.isEmpty, codes.allSatisfy({ 100...599 ~= $0 }) else {
            throw TemplateFault("readiness.http.status", "it must list status codes from 100 to 599")
        }
        return codes.map { Int($0) }
    }

    static func stop(_ file: TemplateSection) throws(TemplateFault) -> StopPolicy? {
        guard let node = file.node("stop") else { return nil }
        let section = try TemplateSection(node, at: "stop", known: ["signal", "command", "grace_s"])
        let signal = try section.node("signal").map { (node) throws(TemplateFault) in try Self.signal(node) }
        let grace = try section.number("grace_s")
        if let grace, !(grace >= 0 && grace.isFinite) {
            throw TemplateFault("stop.grace_s", "it must be 0 seconds or more")
        }
        return StopPolicy(signal: signal, graceSeconds: grace)
    }

    /// The signal that a text or a number means, by its full name.
    private static func signal(_ node: TOMLNode) throws(TemplateFault) -> String {
        let text: String
        switch node {
        case .string(let name): text = name
        case .integer(let number): text = String(number)
        default: throw TemplateFault("stop.signal", "\(node.kind) where the name or number of a signal is expected")
        }
        guard let number = SignalName.number(text), SignalName.ends(number) else {
            throw TemplateFault("stop.signal", "\(Name.quoted(text)) does not stop a service: \(SignalName.endingText)")
        }
        return SignalName.text(number)
    }
}
