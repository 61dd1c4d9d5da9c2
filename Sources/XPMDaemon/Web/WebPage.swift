import Logging
import NIOCore
import XPMControl
import XPMProtocol
import XPMStore
import XPMTemplates

/// The web page's service: how it comes to be, begins and ends.
extension Supervisor {
    /// The service of the web page, once it was wanted.
    var webEntry: ServiceEntry? { registry.services.first { $0.isReserved && $0.identity.id == WebService.id } }

    /// How many services have processes, xpmd's own left out.
    var liveCount: Int { live.values.count { !$0.isReserved } }

    /// Whether a run is xpmd's own.
    func isReserved(_ run: RunIdentity) -> Bool { run == WebService.run(in: stateFolder) }

    /// Refuses to let clients use a run of xpmd's own.
    func refuseReserved(_ run: RunIdentity, to verb: String) throws(WireError) {
        guard isReserved(run) || registry.experiment(run)?.isReserved == true else { return }
        throw WireError(
            .conflict,
            "cannot \(verb) \(run.experiment)@\(run.run) in \(run.workspace): it is the run of xpmd's web page")
    }

    /// Refuses to do to the web page what its own methods do.
    func refuseReserved(_ entry: ServiceEntry, to verb: String) throws(WireError) {
        guard entry.isReserved else { return }
        throw WireError(
            .conflict, "cannot \(verb) \(entry.identity.fullName): it is xpmd's web page, see `xpmctl web`")
    }

    /// The service of the web page, added where there is none. Like any that was added it may be started before that is on record.
    func addWebEntry() -> ServiceEntry {
        if let entry = webEntry { return entry }
        let identity = WebService.run(in: stateFolder)
        let known = registry.experiment(identity)
        let experiment =
            known
            ?? ExperimentEntry(
                key: nextKey(), record: ExperimentRecord(identity: identity, runMode: .normal, openedAt: .now))
        experiment.isReserved = true
        if known == nil { registry.insert(experiment) }
        let definition = web.definition(WebSettings(), own: ownEnvironment)
        let service = ServiceIdentity(run: identity, id: WebService.id)
        let entry = ServiceEntry(
            key: nextKey(), experiment: experiment, identity: service, description: "the web page",
            definition: definition, plan: planned(definition, of: service, with: nil),
            runtime: Runtime(since: .now, revision: nextRevision()), stateFolder: stateFolder)
        registry.insert(entry)
        ledger.append([.putExperiment(experiment.row), .putService(entry.row)], policy: .refusable) { [self] fault in
            guard fault != nil else { return }
            registry.remove(entry)
            if known == nil { registry.remove(experiment) }
            ledger.forget(service: entry.key)
            discard(entry)
        }
        return entry
    }

    /// Brings the definition in line with the settings, unless it describes a process that lives.
    func redefineWeb(_ entry: ServiceEntry) {
        var wish = entry.runtime.web ?? WebWish()
        if entry.runtime.pid == nil || wish.settings == nil { wish.settings = userFiles.settings.settings.web }
        entry.runtime.web = wish
        entry.definition = web.definition(wish.settings ?? WebSettings(), own: ownEnvironment)
    }

    /// Notes what clients want of the web page, to be on record before they are answered.
    func note(_ wish: WebWish, of entry: ServiceEntry) {
        entry.runtime.web = wish
        guard !entry.isRemoved else { return }
        entry.unsaved += 1
        ledger.append([entry.update], policy: .kept) { _ in
            entry.unsaved -= 1
            entry.wake()
        }
    }

    /// Whoever ends xpmd with its services and starts it again begins anew.
    func forgetWebStop() {
        guard let entry = webEntry, var wish = entry.runtime.web, wish.stoppedOn != nil else { return }
        wish.stoppedOn = nil
        note(wish, of: entry)
    }

    /// Goes on with the web page, or begins with it where the settings say so. Once, when clients are served.
    func resumeWeb() {
        let isEnabled = userFiles.settings.settings.web.isEnabled
        let wish = webEntry?.runtime.web ?? WebWish()
        guard !isEnding, wish.isStarted(enabled: isEnabled, on: BootClock.bootID) else { return }
        let entry = addWebEntry()
        guard !entry.isLive, entry.exclusion == nil else { return }
        start(entry, parts: [entry], by: { .start($0) }) { [logger] fault in
            if let fault { logger.error("cannot start the web page: \(fault.message)") }
        }
    }
}

extension ServiceEntry {
    /// Whether it is xpmd's own: no list shows it, and no event tells of it.
    var isReserved: Bool { experiment.isReserved }

    /// Whether what it is run by is in files that people edit.
    var restsOnFiles: Bool { isReserved || definition.restsOnFiles }
}
