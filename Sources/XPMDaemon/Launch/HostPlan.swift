import XPMProtocol

/// How a service of a Python class is made again: by the module `xpmd.host`, which is told by a file what to make.
struct HostPlan {
    var interpreter: InterpreterReport
    /// The folder that has the package `xpmd`.
    private let package: String
    private let className: String
    private let stateDict: StateDictionary
    private let recreation: Recreation

    /// A service is RUNNING once its host has said so.
    static let readiness = Readiness(notify: true)

    /// Throws what keeps the service from being started.
    init(_ definition: ServiceDefinition, _ recreation: Recreation, id: String, _ lookup: InterpreterLookup)
        throws(WireError)
    {
        let stateDict = definition.stateDict ?? [:]
        if case .bool(true) = stateDict["__unserializable__"] {
            let reason = stateDict["__reason__"].flatMap { if case .string(let text) = $0 { text } else { nil } }
            throw Self.unsupported(id, "it cannot be created again" + (reason.map { ": \($0)" } ?? ""))
        }
        guard let className = definition.className, !className.isEmpty else {
            throw Self.unsupported(id, "its definition names no class")
        }
        guard !className.hasPrefix("__main__.") || recreation.main != nil else {
            throw Self.unsupported(id, "its class \(className) is defined in a script that is not known")
        }
        guard let package = lookup.package else {
            throw Self.unsupported(id, "the Python package of this xpmd, share/xpmd/python, is not installed")
        }
        interpreter = try lookup.interpreter(of: recreation, id: id)
        self.package = package
        self.className = className
        self.stateDict = stateDict
        self.recreation = recreation
    }

    private static func unsupported(_ id: String, _ reason: String) -> WireError {
        WireError(.unsupported, "cannot start \(Name.quoted(id)): \(reason)")
    }

    /// Refuses what can never work.
    static func check(_ recreation: Recreation, id: String) throws(WireError) {
        for path in [recreation.python, recreation.main].compactMap(\.self)
        where !path.hasPrefix("/") || path.utf8.contains(0) {
            throw WireError(
                .invalidParameters, "cannot add \(Name.quoted(id)): \(Name.quoted(path)) is not an absolute path")
        }
        if let part = recreation.part { try Name.validate(part, of: "a part") }
    }

    /// The command: as `-m xpmd.host` would, but for the folder that it is run in, which `-m` has Python look for modules in
    /// before its own. Python 3.11 has an option for that.
    var arguments: [String] { [interpreter.python, "-c", Self.program] }

    static let program = """
        import sys; "" in sys.path and sys.path.remove(""); \
        import runpy; runpy.run_module("xpmd.host", run_name="__main__", alter_sys=True)
        """

    /// What it finds in its environment beside what the service is to have.
    func environment(beside environment: [String: String], file: String) -> [String: String] {
        let own = environment["PYTHONPATH"].flatMap { $0.isEmpty ? nil : $0 }
        return ["PYTHONPATH": own.map { "\(package):\($0)" } ?? package, "XPM_HOST": file]
    }

    /// What the file says.
    func order(for identity: ServiceIdentity, environment: [String: String], log: LogPlan) -> HostOrder {
        let fields: [String: JSONValue] = [
            "class": .string(className), "part": .text(recreation.part),
            "main": .text(recreation.main),
            "argv": .texts(recreation.argv), "path": .texts(recreation.path),
            "id": .string(identity.parent ?? identity.id), "workspace": .string(identity.run.workspace),
            "experiment": .string(identity.run.experiment), "run": .string(identity.run.run),
            "log_directory": .text(log.stdout.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) }),
            "pythonpath": .text(environment["PYTHONPATH"]),
        ]
        return HostOrder(fields: fields, stateDict: stateDict)
    }
}

extension JSONValue {
    fileprivate static func texts(_ texts: [String]?) -> JSONValue {
        texts.map { .array($0.map(JSONValue.string)) } ?? .null
    }
    fileprivate static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
