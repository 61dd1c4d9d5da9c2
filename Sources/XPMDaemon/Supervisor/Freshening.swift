import XPMControl
import XPMProtocol
import XPMSupervision

/// Reads what definitions rest on beside themselves: templates, and the settings.
extension Supervisor {
    /// Does `body` once what these definitions name was read, or has not answered in time; at once where they name nothing.
    func freshen(_ definitions: [ServiceDefinition], then body: @escaping () -> Void) {
        var names: Set<String> = []
        var needsSettings = false
        for definition in definitions {
            switch definition.run {
            case .template(let name, _, _): names.insert(name)
            case .recreate(let recreation): needsSettings = needsSettings || recreation.python == nil
            case .command, .hosted, .composite: break
            }
        }
        func settings() { if needsSettings { userFiles.renewSettings(then: body) } else { body() } }
        if names.isEmpty { settings() } else { userFiles.renewTemplates(names, then: settings) }
    }

    /// The same for a request, whose later ones wait meanwhile.
    func freshen(
        _ definitions: [ServiceDefinition], for responder: Responder, then body: @escaping () throws(WireError) -> Void
    ) throws(WireError) {
        guard definitions.contains(where: \.restsOnFiles) else { return try body() }
        responder.holdOthers(for: Self.orderTime)
        freshen(definitions) {
            defer { responder.letOthersGo() }
            do throws(WireError) { try body() } catch { responder.fail(error) }
        }
    }

    /// What an attempt rests on is read anew just before its process is made.
    func freshen(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard entry.freshening != attempt else { return }
        entry.freshening = attempt
        func goOn() {
            guard entry.freshening == attempt else { return }
            (entry.freshening, entry.fresh) = (nil, attempt)
            perform(.spawn(attempt), for: entry, fault: nil)
        }
        if entry.isReserved { userFiles.renewSettings(then: goOn) } else { freshen([entry.definition], then: goOn) }
    }

    /// A file system has answered at last: what could not be planned is, and what lives is watched by its plan.
    func planAgain() {
        registry.homes = userFiles.homes
        for entry in registry.services where entry.plan.fault?.code == .fileSystemUnresponsive {
            refreshPlan(of: entry)
            guard entry.plan.fault == nil, !entry.isHosted, let attempt = entry.machine.phase.liveAttempt else {
                continue
            }
            watchReadiness(attempt, for: entry)
            watchHealth(attempt, for: entry)
        }
        giveTurns()
    }
}

extension ServiceDefinition {
    /// Whether how it is run depends on a file that people edit.
    var restsOnFiles: Bool {
        switch run {
        case .template: true
        case .recreate(let recreation): recreation.python == nil
        case .command, .hosted, .composite: false
        }
    }
}
