import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func getService(_ request: GetService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let isEffective = request.effective == true
        guard request.usage == true else { return reply(entry, entry.wire(with: [:]), isEffective, responder) }
        responder.withRoom(for: entry.wire.count + entry.definitionJSON.utf8.count) { [self] in
            measure(entry.isComposite ? entry.subServices : [entry]) { [self] usages in
                reply(entry, entry.wire(with: usages), isEffective, responder)
            }
        }
    }

    /// The record as it was encoded when the service last changed, or just now, in the reply's place for it.
    private func reply(_ entry: ServiceEntry, _ wire: [UInt8], _ isEffective: Bool, _ responder: Responder) {
        guard isEffective else { return reply(entry, wire, (nil, nil), responder) }
        responder.holdOthers(for: Self.orderTime)
        effective(entry) { [self] found in
            responder.letOthersGo()
            reply(entry, wire, found, responder)
        }
    }

    private func reply(
        _ entry: ServiceEntry, _ wire: [UInt8], _ found: (ServiceDefinition?, fault: String?), _ responder: Responder
    ) {
        let definition = entry.definitionJSON
        let (effective, fault) = found
        responder.reply(room: definition.utf8.count + wire.count + 32) { reply in
            reply.writeString("{\"definition\":")
            reply.writeString(definition)
            if let effective { reply.writeString(",\"effective\":\(ServiceEntry.json(effective))") }
            if let fault { reply.writeString(",\"effective_fault\":\(ServiceEntry.json(fault))") }
            reply.writeString(",\"service\":")
            reply.writeBytes(wire)
            reply.writeString("}")
        }
    }

    /// A definition as it is run, and what keeps it from being started: that of the attempt that lives, else that of the next one.
    private func effective(
        _ entry: ServiceEntry, then: @escaping ((ServiceDefinition?, fault: String?)) -> Void
    ) {
        freshen([entry.definition]) { [self] in effectiveWhenFresh(entry, then: then) }
    }

    private func effectiveWhenFresh(
        _ entry: ServiceEntry, then: @escaping ((ServiceDefinition?, fault: String?)) -> Void
    ) {
        guard !entry.isComposite else { return then((entry.definition, nil)) }
        let allotment = entry.runtime.allotment ?? Allotment(port: PortPlan.first(for: entry.identity))
        let plan: ServicePlan
        do throws(WireError) {
            let isRunning = entry.machine.phase.liveAttempt != nil
            plan = isRunning ? entry.plan : try self.plan(entry.definition, of: entry.identity, with: allotment)
        } catch {
            return then((nil, error.message))
        }
        var names = entry.isHosted ? [:] : self.names(of: entry)
        if let host = plan.host {
            let own = host.environment(beside: plan.environment, file: "")
            names["PYTHONPATH"] = own["PYTHONPATH"]
        }
        let written = entry.definition
        func found(_ command: String?, _ fault: String?) {
            let definition = plan.effective(written, command: command, names: names, port: allotment.port)
            then((plan.fault == nil ? definition : nil, fault))
        }
        guard plan.fault == nil, !plan.arguments.isEmpty else { return found(nil, plan.fault?.message) }
        let service = entry.identity.fullName
        look(at: .object(ObjectIdentifier(entry)), to: "start \(service)") { () throws(WireError) in
            try plan.command(of: service)
        } then: { result in
            switch result {
            case .success(let command): found(command, nil)
            case .failure(let error): found(nil, error.message)
            }
        }
    }
}
