import ArgumentParser
import XPMProtocol

/// Where a service listens, and where it can be opened.
struct AddressOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Port of the service, the value of {port} (default: a free port that it keeps).", valueName: "number"))
    var port: Int?
    @Option(
        help: ArgumentHelp(
            "URL to open it at, instead of the one that it reports; may contain {port}.", valueName: "url"))
    var url: String?

    func validate() throws {
        if let port, !(0...65535).contains(port) {
            throw ValidationError("--port takes a number from 1 to 65535, or 0 for a free one")
        }
    }

    /// Puts into a definition what is given, and asks for a port where something has a place for it.
    func apply(to definition: inout ServiceDefinition, words: [String] = []) {
        definition.url = url
        definition.port = port ?? ((words + [url ?? ""]).contains { $0.contains("{port}") } ? 0 : nil)
        if definition.port == nil, definition.hasPortOfItsOwn { definition.port = 0 }
    }

    /// Whether anything is given.
    var areGiven: Bool { port != nil || url != nil }

    /// A template that has parameters of these names means those.
    mutating func leave(to template: TemplateRecord?, _ arguments: inout TemplateArguments) throws(WireError) {
        let names = Set(template?.parameters.map(\.name) ?? [])
        if let given = port, names.contains("port") {
            try arguments.add("port", String(given))
            port = nil
        }
        if let given = url, names.contains("url") {
            try arguments.add("url", given)
            url = nil
        }
    }
}

extension ServiceDefinition {
    /// Whether its probes or its stop command have a place for the port.
    fileprivate var hasPortOfItsOwn: Bool {
        let ports = [readiness?.tcp, health?.tcp].compactMap(\.self)
        var words = stop?.command ?? []
        for http in [readiness?.http, health?.http].compactMap(\.self) {
            words += [http.url, http.path].compactMap(\.self)
        }
        for command in [readiness?.command, health?.command].compactMap(\.self) { words += command.arguments }
        for unix in [readiness?.unix, health?.unix].compactMap(\.self) { words.append(unix.path) }
        return ports.contains { $0.port == nil } || words.contains { $0.contains("{port}") }
    }
}
