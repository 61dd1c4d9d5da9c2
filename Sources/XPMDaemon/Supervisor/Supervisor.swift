import Glibc
import Logging
import NIOCore
import XPMControl
import XPMProtocol
import XPMStore
import XPMSupervision
import XPMTemplates

/// All experiments and services, and the one way in which anything happens to them:
/// request → decision (the machine) → ledger → effect → event. Lives on the event loop and is touched nowhere else.
final class Supervisor {
    let loop: any EventLoop
    let logger: Logger
    let ledger: Ledger
    let keeper: KeeperLink
    let commands: AuxiliaryCommands
    let files: FileWatch
    let logKeeper: LogKeeper
    let templates: TemplateShelf
    let settings: SettingsFile
    /// The folder of the Python package that makes services again.
    let hostPackage: String?
    let hostFiles: HostFiles
    let stateFolder: String
    let runtimeFolder: String
    let instance: String
    /// The environment of services whose definition has none.
    let ownEnvironment: [String: String]

    var registry = Registry()
    /// Who waits for what services use, in the order of asking.
    var measurements: [([AttemptID: UsageReport]) -> Void] = []
    /// Clients that services live in, by their connections.
    var clients: [ObjectIdentifier: Host] = [:]
    /// How long the hosts of the daemon before have to come back.
    var hostComeback = Supervisor.comeback
    /// The services by the attempt that may have processes.
    var live: [AttemptID: ServiceEntry] = [:]
    /// What the keeper has and no record knows, by the numbers that it has there.
    var strays: [AttemptID: Stray] = [:]
    /// The keeper that has them.
    var strayKeeper: KeeperIdentity?
    let ignoredStrays: IgnoredStrays
    /// Who may get ready now, and who waits for that.
    let turns: StartTurns
    /// The workspaces that are watched, in the order of asking.
    var workspaces: [WatchedWorkspace] = []
    private(set) var lastAttempt: UInt64
    private(set) var lastKey: Int64
    private var revisions = Revisions()
    /// Whether something on record could not be read.
    private(set) var isIncomplete = false
    /// Whether the daemon is being ended: nothing new begins.
    var isEnding = false
    /// Calls back when the last process has gone, while the daemon is being stopped.
    var whenAllEnded: (() -> Void)?

    init(
        loop: any EventLoop, logger: Logger, ledger: Ledger, keeper: KeeperLink, files: FileWatch,
        templates: TemplateShelf, settings: SettingsFile, hostPackage: String?, stateFolder: String,
        runtimeFolder: String, instance: String, ownEnvironment: [String: String], contents: Contents
    ) {
        self.loop = loop
        self.logger = logger
        self.ledger = ledger
        self.keeper = keeper
        self.files = files
        turns = StartTurns(loop: loop)
        logKeeper = LogKeeper(files: files, loop: loop, logger: logger)
        self.templates = templates
        self.settings = settings
        self.hostPackage = hostPackage
        hostFiles = HostFiles(folder: runtimeFolder + "/hosts")
        ignoredStrays = IgnoredStrays(path: runtimeFolder + "/ignored-strays")
        self.stateFolder = stateFolder
        self.runtimeFolder = runtimeFolder
        commands = AuxiliaryCommands(keeper: keeper, loop: loop, instance: instance)
        self.instance = instance
        self.ownEnvironment = ownEnvironment
        registry.homes = HomeFolder.paths(ownEnvironment["HOME"])
        lastAttempt = contents.lastAttempt
        lastKey = contents.lastKey
        restore(contents)
        turns.whenFree = { [unowned self] in giveTurns() }
        ledger.contents = { [unowned self] in self.contents }
    }

    /// A number for a new row.
    func nextKey() -> Int64 {
        lastKey += 1
        return lastKey
    }

    /// A number for the next change that clients are told of.
    func nextRevision() -> Int64 { revisions.next(at: .now) }

    /// A number for a new attempt. It is saved with the decision that uses it.
    func nextAttempt() -> AttemptID {
        lastAttempt += 1
        return AttemptID(rawValue: lastAttempt)
    }

    /// Numbers up to this one are taken: a keeper may know attempts of which a new database knows nothing.
    func reserve(_ attempt: UInt64) { lastAttempt = max(lastAttempt, attempt) }

    /// The plan of a definition, or why it will never work.
    func plan(
        _ definition: ServiceDefinition, of identity: ServiceIdentity, with allotment: Allotment? = nil
    ) throws(WireError) -> ServicePlan {
        let interpreters = InterpreterLookup(
            remembered: registry.interpreters.remembered(for: identity.run), settings: settings, package: hostPackage)
        return try ServicePlan(
            definition, id: identity.id, workspace: identity.run.workspace, templates: templates, own: ownEnvironment,
            interpreters: interpreters, allotment: allotment)
    }

    /// Decides a service's plan anew, so that an edited template counts from the next attempt on.
    func refreshPlan(of entry: ServiceEntry) {
        do throws(WireError) {
            entry.plan = try plan(entry.definition, of: entry.identity, with: entry.runtime.allotment)
        } catch {
            entry.plan = ServicePlan(fault: error, folder: entry.identity.run.workspace)
        }
        entry.configure()
    }

    /// Lets something happen to a service: the machine decides, the ledger saves, then the effects are carried out.
    ///
    /// `saved` is called when the decision is durable or could not be saved; at once where nothing changed. A `reason`
    /// takes the place of the cause where it is not asked for by a client. Services are stopped by `stop`, in order.
    func apply(
        _ event: MachineEvent, to entry: ServiceEntry, because reason: String? = nil,
        for end: EndReason? = nil,
        saved: @escaping (StoreError?) -> Void = { _ in }
    ) {
        let before = entry.state
        let phase = entry.machine.phase
        let (wanted, runtime) = (entry.wanted, entry.runtime)
        entry.learn(event)
        if event.mayEnd { entry.machine.hasDependants = entry.requiring.contains(where: \.hasProcess) }
        if event.mayLaunch { entry.machine.awaitsOthers = mustWait(entry) }
        let effects = entry.machine.handle(event)
        entry.noteEnder(event, because: end)
        entry.settle(after: event, keeper: keeper.identity)
        track(entry, from: phase)
        guard !effects.isEmpty || entry.wanted != wanted || entry.runtime != runtime else {
            // It changes nothing, but what it rests on may not be on record yet.
            return entry.unsaved == 0 ? saved(nil) : ledger.append([], policy: .kept, done: saved)
        }
        entry.note(event, from: phase, revision: nextRevision())
        // A service whose addition was refused has no row: to save what still happens to it would fail every commit.
        let events = effects.compactMap { effect -> EventRecord? in
            guard !entry.isRemoved, case .record(let cause) = effect else { return nil }
            var event = entry.transition(from: before, cause: cause)
            if let reason, cause.isRequest { event.cause = reason }
            return event
        }
        for event in events where event.state == .error && before != .error {
            logger.notice("\(entry.identity.fullName): \(event.error ?? "failed")", metadata: entry.logFields)
        }
        entry.touch()
        var changes = entry.isRemoved ? [] : [entry.update]
        switch event {
        case .start, .restart, .retry: changes.append(.lastAttempt(lastAttempt))
        default: break
        }
        entry.unsaved += 1
        let (liveAttempt, asked) = (entry.machine.phase.liveAttempt, entry.runtime.keeper)
        let notice = failureNotice(of: entry, after: effects)
        ledger.append(changes, events: events, policy: .kept) { [self] fault in
            entry.unsaved -= 1
            if fault == nil { (entry.liveOnRecord, entry.keeperOnRecord) = (liveAttempt, asked) }
            for effect in effects { perform(effect, for: entry, fault: fault) }
            if let notice { tell(notice, of: entry) }
            saved(fault)
            entry.wake()
            noticeChange(of: entry)
            takeWithheld(after: entry)
            giveTurns()
        }
        if whenAllEnded != nil { checkAllEnded() }
    }

    private func track(_ entry: ServiceEntry, from phase: Phase) {
        turns.note(entry, from: phase)
        if let old = phase.liveAttempt {
            live[old] = nil
            if entry.plan.host != nil, old != entry.machine.phase.liveAttempt { hostFiles.remove(old) }
        }
        if let now = entry.machine.phase.liveAttempt {
            live[now] = entry
        } else if phase.liveAttempt != nil {
            logKeeper.unfollow(entry.logs)
        }
    }

    /// Calls back `whenAllEnded` if nothing lives any more.
    func checkAllEnded() {
        guard let then = whenAllEnded, live.values.allSatisfy(\.isStuck) else { return }
        whenAllEnded = nil
        ledger.whenDrained(then)
    }

    private func restore(_ contents: Contents) {
        for row in contents.experiments {
            guard let experiment = ExperimentEntry(row) else {
                isIncomplete = true
                logger.error("cannot read the saved experiment \(row.name)@\(row.run): skipping it")
                continue
            }
            registry.insert(experiment)
        }
        for row in contents.sightings {
            registry.experiment(key: row.experiment)?.sighting = Sighting(isOwned: row.isOwned, isGone: row.isGone)
        }
        workspaces = contents.workspaces.map(WatchedWorkspace.init)
        for row in contents.services {
            guard let experiment = registry.experiment(key: row.experiment), let entry = restore(row, in: experiment)
            else {
                isIncomplete = true
                logger.error("cannot read the saved service \(Name.quoted(row.id)): skipping it")
                continue
            }
            registry.insert(entry)
            revisions.note(entry.runtime.revision)
            if let attempt = entry.machine.phase.liveAttempt { live[attempt] = entry }
            if entry.machine.awaitsReadiness, let attempt = entry.machine.phase.gettingReady { turns.take(attempt) }
        }
        // Those that name no interpreter may go by services that came after them.
        for entry in registry.services {
            if case .recreate(let recreation) = entry.definition.run, recreation.python == nil {
                refreshPlan(of: entry)
            }
        }
    }

    private func restore(_ row: ServiceRow, in experiment: ExperimentEntry) -> ServiceEntry? {
        guard let definition = try? Wire.decode(ServiceDefinition.self, from: row.definition.utf8),
            let runtime = try? Wire.decode(Runtime.self, from: row.runtime.utf8)
        else { return nil }
        let identity = ServiceIdentity(run: experiment.record.identity, id: row.id)
        let plan: ServicePlan
        do {
            plan = try self.plan(definition, of: identity, with: runtime.allotment)
        } catch {
            plan = ServicePlan(fault: error, folder: identity.run.workspace)
        }
        let entry = ServiceEntry(
            key: row.key, experiment: experiment, identity: identity, description: row.description,
            definition: definition, plan: plan, runtime: runtime,
            stateFolder: stateFolder)
        entry.wanted = row.wanted
        return entry
    }
}
