import XPMControl
import XPMProtocol

extension Supervisor {
    func closeExperiment(_ request: CloseExperiment, _ responder: Responder) throws(WireError) {
        var identity = request.identity
        identity.workspace = try WorkspacePath.normalized(identity.workspace)
        try refuseReserved(identity, to: "close")
        let experiment = try experiment(identity)
        let status = request.status ?? .done
        guard status != .open else {
            throw WireError(.invalidParameters, "cannot close an experiment as open: use done or failed")
        }
        guard experiment.record.status == .open else { return responder.reply(experiment.current) }
        end(experiment, as: status, because: status.rawValue, policy: .refusable) { fault in
            if let fault { responder.fail(fault.asWireError) } else { responder.reply(experiment.current) }
        }
    }

    /// The run of that identity.
    func experiment(_ identity: RunIdentity) throws(WireError) -> ExperimentEntry {
        guard let experiment = registry.experiment(identity) else {
            let name = "\(identity.experiment)@\(identity.run)"
            throw WireError(
                .notFound, "cannot find the experiment \(Name.quoted(name)) in \(Name.quoted(identity.workspace))",
                data: ["name": .string(name)])
        }
        return experiment
    }
}
