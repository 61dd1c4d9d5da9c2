import XPMProtocol

/// What the user has set for all services, in `config.toml`.
public struct Settings: Hashable, Sendable {
    /// `interpreter` in `[python]`: the interpreter of services of Python classes for which none is known, an absolute path.
    public var interpreter: String?
    /// `attach` in `[python]`: whether experiments of the user come to xpmd by themselves. Python alone heeds it.
    public var attach = false
    /// `starts_at_once` in `[services]`: how many services may get ready at the same time, at least 1.
    public var startsAtOnce: Int?
    /// `[web]`: how the web page is served.
    public var web = WebSettings()

    /// Nothing set.
    public init() {}

    init(toml: String) throws(TemplateFault) {
        let file = try TemplateSection(TOMLNode.document(toml), at: "", known: ["python", "services", "web"])
        if let node = file.node("python") { try readPython(node) }
        if let node = file.node("services") { try readServices(node) }
        if let node = file.node("web") { web = try WebSettings(node) }
    }

    private mutating func readPython(_ node: TOMLNode) throws(TemplateFault) {
        let python = try TemplateSection(node, at: "python", known: ["interpreter", "attach"])
        interpreter = try python.string("interpreter")
        attach = try python.boolean("attach") ?? false
        if let interpreter, !interpreter.hasPrefix("/") || interpreter.utf8.contains(0) {
            throw TemplateFault("python.interpreter", "it is not an absolute path")
        }
    }

    private mutating func readServices(_ node: TOMLNode) throws(TemplateFault) {
        let services = try TemplateSection(node, at: "services", known: ["starts_at_once"])
        startsAtOnce = try services.integer("starts_at_once")
        if let startsAtOnce, startsAtOnce < 1 {
            throw TemplateFault("services.starts_at_once", "it must be 1 or more")
        }
    }
}

/// The file that the settings are read from, whenever they are needed: an edit counts at once.
public struct SettingsFile: Sendable {
    /// Where it is, whether or not there is one.
    public let path: String
    // An unchanged file is not parsed again.
    private var read: (version: TemplateFile.Version, found: Result<Settings, WireError>)?

    /// Called with the file's path to have its text understood; it may leave that undone.
    public var around: @Sendable (_ path: String, _ read: () -> Void) -> Void = { _, read in read() }

    /// The settings at `path`.
    public init(_ path: String) { self.path = path }

    /// Reads the settings, which may block; without a file nothing is set. `invalidParameters` where the file cannot be used.
    public mutating func settings() throws(WireError) -> Settings {
        let file: TemplateFile
        do throws(TemplateFault) {
            guard let found = try TemplateFile(ifPresent: path) else { return Settings() }
            file = found
        } catch {
            throw invalid(error)
        }
        if let read, read.version == file.version { return try read.found.get() }
        var found = Result<Settings, WireError>.failure(
            invalid(TemplateFault("", "xpmd crashed over it; edit it to have it read again")))
        var text = ""
        do throws(TemplateFault) {
            text = try file.text()
            var read: Result<Settings, TemplateFault>?
            around(path) { read = Result { () throws(TemplateFault) in try Settings(toml: text) } }
            if let read { found = .success(try read.get()) }
        } catch {
            found = .failure(invalid(error, in: text))
        }
        read = (file.version, found)
        return try found.get()
    }

    private func invalid(_ fault: TemplateFault, in text: String = "") -> WireError {
        let place = fault.key.isEmpty ? "" : "\(fault.key): "
        let line = fault.key.isEmpty ? nil : TOMLLines.line(of: fault.key, in: text)
        var data: [String: JSONValue] = ["path": .string(path)]
        if let line { data["line"] = .integer(Int64(line)) }
        return WireError(
            .invalidParameters,
            "cannot use the settings in \(path)\(line.map { ", line \($0)" } ?? ""): \(place)\(fault.cause)", data: data
        )
    }
}
