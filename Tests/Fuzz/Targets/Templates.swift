import XPMProtocol

@testable import XPMTemplates

extension FuzzTarget {
    /// A file of TOML: a template, which is then rendered, and the settings.
    static let templates = FuzzTarget(name: "templates") { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        _ = try? Settings(toml: text)
        for key in ["command", "python.interpreter", "readiness.log.pattern"] { _ = TOMLLines.line(of: key, in: text) }
        guard let template = try? Template(name: "t", toml: text, path: "/t.toml") else { return }
        try FuzzedMethod.stable(template.record)
        var given: [String: JSONValue] = [:]
        for parameter in template.parameters where parameter.required { given[parameter.name] = "1" }
        guard let rendered = try? template.render(id: "t", parameters: given, folder: "/w", port: 1, token: "x") else {
            return
        }
        try require(!rendered.arguments.isEmpty, "a template gives a command")
        if let readiness = rendered.readiness { try FuzzedMethod.stable(readiness) }
        if let restart = rendered.restart { try FuzzedMethod.stable(restart) }
        if let health = rendered.health { try FuzzedMethod.stable(health) }
        if let limits = rendered.limits { try FuzzedMethod.stable(limits) }
    }
}
