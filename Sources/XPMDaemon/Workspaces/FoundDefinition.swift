import XPMProtocol
import XPMWorkspaces

/// A service found in a workspace, or a part of it, as a definition.
struct FoundDefinition {
    /// The id within the run.
    var id: String
    var description: String
    var definition: ServiceDefinition

    /// The service and its parts, itself first.
    static func all(of service: FoundService, with interpreter: Interpreter?) -> [FoundDefinition] {
        var log: LogPolicy?
        if let folder = service.logFolder {
            log = LogPolicy(stdout: folder + "/logs.out", stderr: folder + "/logs.err", fresh: true)
        }
        let recreation = Recreation(interpreter, className: service.className)
        var all = [
            FoundDefinition(
                id: service.id, description: service.description,
                definition: ServiceDefinition(
                    run: service.isStartable ? .recreate(recreation) : .composite, className: service.className,
                    stateDict: service.stateDict, log: service.isStartable ? log : nil))
        ]
        for part in service.parts {
            var recreation = recreation
            recreation.part = part.id
            // Two processes must not share the service's files: parts have their own, below the state folder.
            all.append(
                FoundDefinition(
                    id: "\(service.id)/\(part.id)", description: part.description,
                    definition: ServiceDefinition(
                        run: .recreate(recreation), className: service.className, stateDict: service.stateDict)))
        }
        return all
    }
}

extension Recreation {
    init(_ interpreter: Interpreter?, className: String) {
        self.init()
        apply(interpreter, className: className)
    }

    /// Takes what an interpreter's finder knows; without one everything stays.
    mutating func apply(_ interpreter: Interpreter?, className: String?) {
        guard let interpreter else { return }
        python = interpreter.python
        pythonFrom = interpreter.python.map { _ in interpreter.source == .process ? .process : .job }
        path = interpreter.path.isEmpty ? nil : interpreter.path
        main = className?.hasPrefix("__main__.") == true ? interpreter.main : nil
    }
}

extension ServiceDefinition {
    /// What the class is made again with, where it is one.
    var recreation: Recreation? {
        if case .recreate(let recreation) = run { recreation } else { nil }
    }
}
