import XPMProtocol

extension ExitReport {
    /// Who ended how: the process of a service, or the service alone.
    var sentence: String {
        let what = description
        // Behind a state that is all it needs; a sentence has a verb.
        return "\(hosted == true ? "it" : "its process") \(what.hasPrefix("stopped") ? "was " : "")\(what)"
    }
}

/// What is said differently of services that run in the process of the program that added them.
enum HostedText {
    /// Where it runs.
    static func place(of service: ServiceRecord) -> String {
        service.pid.map { "process \($0), and ends with it" } ?? "the process that adds it"
    }

    /// What one can do next where that is not what one does with a process; nil where it is.
    static func hint(_ service: ServiceRecord) -> String? {
        let name = service.identity.typedName
        return switch service.state {
        case .error where service.pid != nil: "only its process can end it: end process \(service.pid ?? 0)"
        case .error, .stopped:
            "`xpmctl start \(name)` starts it while the program that added it is running and connected"
        case .running where service.url == nil: "see the output of process \(service.pid ?? 0)"
        case .starting: "`xpmctl stop \(name)` stops it"
        case .running, .stopping: nil
        }
    }
}
