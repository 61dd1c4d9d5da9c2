import Logging
import XPMKeeping
import XPMProtocol
import XPMSupervision

/// Services that starts have crashed over. They stay as they are, with their processes, until their definition or xpmd is another
/// one, or their user asks for a start.
extension Supervisor {
    /// Leaves a service alone.
    func exclude(_ entry: ServiceEntry, because reason: String) {
        guard entry.exclusion == nil else { return }
        entry.exclusion = "\(reason) and does not touch it"
        entry.notes.append("`xpmctl start` makes xpmd try again; so does an xpmd of another version")
        entry.plan = ServicePlan(fault: Self.crashed(over: entry.identity), folder: entry.identity.run.workspace)
        entry.configure()
        logger.error("\(entry.identity.fullName): \(reason) and does not touch it", metadata: entry.logFields)
    }

    /// Does something with a service in hand; with one that is left alone only what its user asks for is done.
    func inHand<Value>(_ entry: ServiceEntry, _ body: () -> Value) -> Value {
        entry.exclusion == nil ? recovery.take(entry.recoveryItem, body) : body()
    }

    static func crashed(over identity: ServiceIdentity) -> WireError {
        WireError(.startFailed, "cannot start \(identity.fullName): xpmd crashed over it")
    }

    /// Takes up what its user wants to have tried again, as if the daemon began with it.
    func readmit(_ entries: [ServiceEntry]) throws(WireError) {
        for entry in entries where entry.exclusion != nil {
            guard entry.stored == nil else { throw entry.plan.fault ?? Self.crashed(over: entry.identity) }
            recovery.forgive(entry.recoveryItem)
            for path in entry.logs.files { recovery.forgive(.log(path)) }
            (entry.exclusion, entry.notes) = (nil, [])
            refreshPlan(of: entry)
            entry.touch()
            inHand(entry) { goOn(with: entry) }
        }
    }

    private func goOn(with entry: ServiceEntry) {
        guard let attempt = entry.machine.phase.liveAttempt, !entry.isHosted, keeper.identity != nil else {
            for effect in entry.machine.resumed() { perform(effect, for: entry, fault: nil) }
            return
        }
        // The keeper tells what has become of it meanwhile, and of one that it does not know as after the loss of a keeper.
        entry.adopting = attempt
        keeper.send(.adopt(adoption(of: attempt, entry)))
    }
}

extension ServiceEntry {
    /// As what a start has it in hand.
    var recoveryItem: RecoveryItem { .service(key, identity.id) }

    /// Whether another keeper than this was asked for its process, since the machine booted.
    func isOfEarlierKeeper(_ keeper: KeeperIdentity) -> Bool {
        runtime.keeper.map { $0 != keeper && $0.bootID == keeper.bootID } ?? false
    }

    /// Why it is in ERROR, or left alone.
    var shownError: String? { exclusion ?? runtime.error }
}
