import XPMProtocol

extension AddService {
    /// The same, with the settings of this process for what says nothing of its caller's: it runs with what its caller had, whoever
    /// has started xpmd.
    var fromThisProcess: AddService {
        let settings = CallerSettings.ofThisProcess
        var request = self
        request.definition.fill(settings)
        for index in request.subServices?.indices ?? 0..<0 { request.subServices?[index].definition.fill(settings) }
        return request
    }
}

extension ServiceDefinition {
    fileprivate mutating func fill(_ settings: CallerSettings) {
        switch run {
        case .command, .template, .recreate: caller = caller ?? settings
        // They have no process of xpmd's.
        case .composite, .hosted: break
        }
    }
}
