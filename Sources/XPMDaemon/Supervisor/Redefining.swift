import XPMControl
import XPMProtocol
import XPMStore
import XPMSupervision

/// A service that there is, and the definition that is to be in the place of its own.
struct Redefinition {
    let entry: ServiceEntry
    let definition: ServiceDefinition
    let description: String
    let plan: ServicePlan

    /// Whether both are run by the keeper, so that one can follow the other by a restart.
    var isRunHere: Bool {
        switch (entry.definition.run, definition.run) {
        case (.composite, .composite): true
        case (.composite, _), (_, .composite), (.hosted, _), (_, .hosted): false
        default: true
        }
    }
}

extension Supervisor {
    /// Gives services other definitions: their history and logs stay, and those that run are restarted with them where their
    /// definitions ask for that. Refused, with nothing changed, where one could not be started then.
    func redefine(
        _ all: [Redefinition], _ request: AddService, _ responder: Responder, of whole: ServiceEntry? = nil,
        then done: @escaping () -> Void = {}
    ) throws(WireError) {
        let restarted = restarted(of: all, request)
        for one in restarted { if let refusal = refusal(of: one) { throw refusal } }
        let before = all.map {
            Redefinition(
                entry: $0.entry, definition: $0.entry.definition, description: $0.entry.description, plan: $0.entry.plan
            )
        }
        for one in all { put(one, described: request.description != nil) }
        let answer = whole ?? all[0].entry
        let isAdded = all.contains { one in
            before.contains { $0.entry === one.entry && $0.definition != one.definition }
        }
        ledger.append(all.map { .putService($0.entry.row) }, policy: .refusable) { [self] fault in
            defer { done() }
            if let fault {
                for one in before { put(one, described: true) }
                return responder.fail(fault.asWireError)
            }
            var open = restarted.count
            guard open > 0 else {
                return Self.reply(answer, added: request.update == true && isAdded, replaced: true, responder)
            }
            // What depends on them ends before them and starts behind them, as at any restart.
            let entries = restarted.map(\.entry).filter(\.isEndedByRestart)
            for step in Self.dependentsFirst(entries, where: \.isEndedByRestart) where step.required != nil {
                guard !entries.contains(where: { $0 === step.entry }) else { continue }
                apply(.restart(nextAttempt()), to: step.entry, because: step.reason("restart"))
            }
            for one in restarted {
                apply(.restart(nextAttempt()), to: one.entry) { _ in
                    open -= 1
                    if open == 0 { Self.reply(answer, added: true, replaced: true, responder) }
                }
            }
        }
    }

    /// Those that are restarted for another definition.
    func restarted(of all: [Redefinition], _ request: AddService) -> [Redefinition] {
        all.filter {
            request.update == true && $0.entry.isLive && !$0.entry.isComposite && $0.entry.definition != $0.definition
        }
    }

    /// What is to be looked at before they are.
    func looks(at restarted: [Redefinition]) -> [Look] {
        restarted.filter { !$0.entry.isHosted }.map { one in
            let look = launchLook(one.plan, one.entry.identity, logs: one.entry.ownLogs)
            return Look(key: .object(ObjectIdentifier(one.entry)), action: look.action) { () throws(WireError) in
                _ = try look.command()
                _ = try look.prepareLogs()
            }
        }
    }

    private func put(_ one: Redefinition, described: Bool) {
        // What starts behind what depends on definitions.
        registry.remove(one.entry)
        one.entry.definition = one.definition
        one.entry.stored = nil
        registry.insert(one.entry)
        if described { one.entry.description = one.description }
        // What runs is ended as it was begun; its next attempt has a plan of its own.
        if one.entry.machine.phase.liveAttempt == nil {
            one.entry.plan = one.plan
            one.entry.configure()
        }
        one.entry.touch()
    }

    /// Why the service could not be started with that definition.
    private func refusal(of one: Redefinition) -> WireError? {
        // What it depends on is its definition's, too.
        let definition = one.entry.definition
        defer { one.entry.definition = definition }
        one.entry.definition = one.definition
        return one.entry.refusal(by: one.plan)
    }
}

extension DefinitionChange {
    /// As an error's data has it.
    var json: JSONValue {
        let fields: [String: JSONValue?] = [
            "key": .string(key), "old": old.map { .string($0) }, "new": new.map { .string($0) },
        ]
        return .object(fields.compactMapValues { $0 })
    }
}
