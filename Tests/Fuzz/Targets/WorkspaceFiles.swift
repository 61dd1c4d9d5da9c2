import XPMProtocol

@testable import XPMWorkspaces

extension FuzzTarget {
    /// A run's status.json or environment.json.
    static let statusFiles = FuzzTarget(name: "status-files") { bytes in
        try membersAreThoseOfTheStrictReader(bytes)
        _ = EnvironmentFile.isDetached(bytes)
        _ = StatusFile.isFinal(bytes)
        guard let file = StatusFile(bytes) else { return }
        try require(file.services.count <= FoundService.countLimit, "a run has a bounded number of services")
        try require(Set(file.services.map(\.id)).count == file.services.count, "a service is listed once")
        for service in file.services { try check(service) }
    }

    /// The lines of an event file, or of objects.jsonl.
    static let eventFiles = FuzzTarget(name: "event-files") { bytes in
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            _ = ModuleFile(line)?.folder
            guard let addition = try? ServiceAddition(line) else { continue }
            try check(addition.service)
            _ = ServiceAddition.isForeign(addition.service.stateDict, experiments: "/w/experiments", experiment: "e")
        }
    }

    /// Small files and tables of the kernel, and names in folders.
    static let smallFiles = FuzzTarget(name: "small-files") { bytes in
        _ = LockTable(bytes).locks(inode: 1)
        _ = JobScript(bytes)
        let (arguments, environment) = bytes.halves
        let facts = ProcessFacts(
            commandLine: Array(arguments), folder: "/w", program: "/bin/python3", environment: Array(environment))
        try require(facts.interpreters.last == "/bin/python3", "the program's own file comes last")
        _ = (facts.script, facts.path)
        let names = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        for name in names {
            if let moment = LocalTime.parse(name) {
                try FuzzedMethod.stable(Wire.decode(Timestamp.self, from: Wire.encode(moment)))
            }
            _ = LocalTime.ofRun(name)
            _ = PythonLiteral.string(name)
            if let file = EventFileName(name) {
                try require(file.number >= 0 && !file.experiment.isEmpty, "it is one's")
            }
        }
        for (first, second) in zip(names, names.dropFirst()) {
            let (first, second) = (RunOrder(first), RunOrder(second))
            try require(!(first < second && second < first), "one run is the earlier")
        }
    }

    private static func check(_ service: FoundService) throws {
        try require((try? Name.validate(service.id, of: "a service")) != nil, "a service has a name")
        try require(Set(service.parts.map(\.id)).count == service.parts.count, "a part is listed once")
        try require(!service.description.contains("\n"), "a description is a line")
        if let folder = service.logFolder { try require(folder.hasPrefix("/"), "a folder is an absolute path") }
        // It stands in a definition, around which come a record and a reply.
        try FuzzedMethod.stable(["state_dict": service.stateDict])
    }

    private static func membersAreThoseOfTheStrictReader(_ bytes: [UInt8]) throws {
        guard case .object(let strict)? = JSONMembers.value(bytes[...]) else { return }
        guard let loose = JSONMembers(bytes) else {
            throw Violation(description: "it does not hold that every object can be cut")
        }
        try require(loose.members.count == strict.count, "an object has its members")
        for (name, value) in loose.members {
            guard let name = JSONMembers.text(name) else {
                throw Violation(description: "it does not hold that a name is a text")
            }
            try require(JSONMembers.value(value) == strict[name], "the member \(name) is what it is")
        }
    }
}
