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
    /// Finds the addresses of hosts that probes name.
    let lookup: NameLookup
    let files: FileWatch
    /// Waits until what ended attempts have written is in their files.
    let logSettling: LogSettling
    let logClearing: LogClearing
    let userFiles: UserFiles
    /// The folder of the Python package that makes services again.
    let hostPackage: String?
    let hostFiles: HostFiles
    let relayFiles: RelayFiles
    let stateFolder: String
    let runtimeFolder: String
    let instance: String
    let recovery: Recovery
    /// The environment of services whose definition has none.
    let ownEnvironment: [String: String]
    /// How the web page is run.
    let web: WebService

    var registry = Registry()
    /// Who waits for what services use, in the order of asking.
    var measurements: [Measurement] = []
    /// Clients that services live in, by their connections.
    var clients: [ObjectIdentifier: Host] = [:]
    /// How long the hosts of the daemon before have to come back.
    var hostComeback = Supervisor.comeback
    /// What every deadline may be put off to by the service that it is for.
    var leastProlongation = Prolongation.least
    /// How long a look at a path may take until its file system counts as one that does not answer.
    var lookTime = TimeAmount.seconds(5)
    /// When attempts were last active, as the daemon before has left it.
    var earlierActivity: [AttemptID: Int64] = [:]
    let activityFile: ActivityFile
    /// The next save of that.
    var activitySaving: RunningTimer?
    /// Connections that have reported traffic that goes on, and of which services.
    var reporters: [ObjectIdentifier: [Int64: ServiceEntry]] = [:]
    /// The services by the attempt that may have processes.
    var live: [AttemptID: ServiceEntry] = [:]
    /// What the keeper has and no record knows, by the numbers that it has there.
    var strays: [AttemptID: Stray] = [:]
    /// The keeper that has them.
    var strayKeeper: KeeperIdentity?
    let ignoredStrays: IgnoredStrays
    /// The keeper for which lost processes were last searched, whether that goes on, and who waits for its end.
    var searchedFor: KeeperIdentity?
    var isSearching = false
    var whenSearched: [() -> Void] = []
    /// Processes of the user that may be lost ones, but have not answered.
    var unread: Set<Int32> = []
    /// Who may get ready now, and who waits for that.
    let turns: StartTurns
    /// Where what takes long is done in slices.
    let rotation: Rotation
    let findings: Findings
    let alarms: Alarms
    let waits = Waits()
    /// The workspaces that are watched, in the order of asking.
    var workspaces: [WatchedWorkspace] = []
    private(set) var lastAttempt: UInt64
    private(set) var lastKey: Int64
    private var revisions = Revisions()
    /// What on record could not be read.
    var unreadable = UnreadableRecords()
    /// Whether the daemon is being ended: nothing new begins.
    var isEnding = false
    /// Calls back when the last process has gone, while the daemon is being stopped.
    var whenAllEnded: (() -> Void)?

    init(
        loop: any EventLoop, logger: Logger, ledger: Ledger, keeper: KeeperLink, files: FileWatch,
        userFiles: UserFiles, hostPackage: String?, stateFolder: String,
        runtimeFolder: String, instance: String, recovery: Recovery, ownEnvironment: [String: String],
        web: WebService = WebService(program: Installation.web), contents: Contents
    ) {
        self.loop = loop
        self.logger = logger
        self.ledger = ledger
        self.keeper = keeper
        self.files = files
        turns = StartTurns(loop: loop)
        rotation = Rotation(loop: loop)
        findings = Findings(rotation)
        ledger.rotation = rotation
        keeper.rotation = rotation
        alarms = Alarms(loop: loop)
        logSettling = LogSettling(keeper: keeper, loop: loop)
        logClearing = LogClearing(keeper: keeper, loop: loop)
        self.userFiles = userFiles
        self.hostPackage = hostPackage
        hostFiles = HostFiles(folder: runtimeFolder + "/hosts")
        relayFiles = RelayFiles(folder: runtimeFolder + "/relay")
        ignoredStrays = IgnoredStrays(path: runtimeFolder + "/ignored-strays")
        activityFile = ActivityFile(path: runtimeFolder + "/activity")
        earlierActivity = activityFile.load()
        self.stateFolder = stateFolder
        self.runtimeFolder = runtimeFolder
        commands = AuxiliaryCommands(keeper: keeper, loop: loop, instance: instance)
        lookup = NameLookup(loop: loop, files: HostsFile.answer)
        self.instance = instance
        self.recovery = recovery
        self.ownEnvironment = ownEnvironment
        self.web = web
        registry.homes = userFiles.homes
        lastAttempt = contents.lastAttempt
        lastKey = contents.lastKey
        files.recovery = recovery
        restore(contents)
        userFiles.answered = { [unowned self] in planAgain() }
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
        _ definition: ServiceDefinition, of identity: ServiceIdentity, with allotment: Allotment? = nil,
        isOnRecord: Bool = false
    ) throws(WireError) -> ServicePlan {
        let interpreters = InterpreterLookup(
            remembered: registry.interpreters.remembered(for: identity.run), settings: userFiles.settings,
            package: hostPackage)
        return try ServicePlan(
            definition, id: identity.id, workspace: identity.run.workspace, templates: userFiles.templates,
            own: ownEnvironment,
            interpreters: interpreters, allotment: allotment, isOnRecord: isOnRecord)
    }

    /// Decides a service's plan anew, so that an edited template counts from the next attempt on.
    func refreshPlan(of entry: ServiceEntry) {
        guard entry.exclusion == nil else { return }
        inHand(entry) {
            if entry.isReserved { redefineWeb(entry) }
            var plan = planned(entry.definition, of: entry.identity, with: entry.runtime.allotment)
            // Elsewhere than its user has written it is not to listen.
            if entry.isReserved, let fault = userFiles.settings.fault { plan.fault = fault }
            // What was planned before holds until that can be read again, but for a start.
            if plan.fault?.code == .fileSystemUnresponsive { entry.plan.fault = plan.fault } else { entry.plan = plan }
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
        // Whatever comes of it, what the service has said before is told before.
        tellHeldBack(of: entry)
        let before = entry.state
        let phase = entry.machine.phase
        let (wanted, runtime) = (entry.wanted, entry.runtime)
        entry.noteSleep(event, because: reason, for: end)
        entry.learn(event)
        if event.mayEnd { entry.machine.hasDependants = entry.requiring.contains(where: \.hasProcess) }
        if event.mayLaunch { entry.machine.awaitsOthers = mustWait(entry) }
        var effects = entry.machine.handle(event)
        effects += entry.stopIfNoLongerStuck()
        entry.noteEnder(event, because: end)
        entry.settle(after: event, keeper: keeper.identity)
        track(entry, from: phase)
        guard !effects.isEmpty || entry.wanted != wanted || entry.runtime != runtime else {
            // It changes nothing, but what it rests on may not be on record yet.
            return entry.unsaved == 0 ? saved(nil) : ledger.append([], policy: .kept, done: saved)
        }
        entry.note(event, from: phase, revision: nextRevision())
        // A service whose addition was refused has no row: to save what still happens to it would fail every commit.
        let events = effects.compactMap { effect -> LedgerEvent? in
            guard !entry.isRemoved, !entry.isReserved, case .record(let cause) = effect else { return nil }
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
            inHand(entry) { for effect in effects { perform(effect, for: entry, fault: fault) } }
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
            if entry.plan.isPrivate, old != entry.machine.phase.liveAttempt { relayFiles.remove(old, entry.plan) }
        }
        if let now = entry.machine.phase.liveAttempt {
            live[now] = entry
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
            guard let experiment = restore(row) else {
                unreadable.note(row)
                logger.error(
                    "cannot read the saved experiment \(Name.quoted("\(row.name)@\(row.run)")): it is left out, with its services"
                )
                continue
            }
            experiment.isReserved = experiment.isReserved || isReserved(experiment.record.identity)
            registry.insert(experiment)
        }
        for row in contents.sightings {
            registry.experiment(key: row.experiment)?.sighting = Sighting(isOwned: row.isOwned, isGone: row.isGone)
        }
        workspaces = contents.workspaces.map(WatchedWorkspace.init)
        for row in contents.services {
            guard let experiment = registry.experiment(key: row.experiment) else {
                logger.error("cannot read the saved service \(Name.quoted(row.id)): its experiment is left out")
                continue
            }
            let entry = restore(row, in: experiment)
            registry.insert(entry)
            revisions.note(entry.runtime.revision)
            if let attempt = entry.machine.phase.liveAttempt { live[attempt] = entry }
            if entry.machine.awaitsReadiness, let attempt = entry.machine.phase.gettingReady { turns.take(attempt) }
        }
        // Those that name no interpreter may go by services that came after them.
        for entry in registry.services {
            guard !entry.isReserved else {
                refreshPlan(of: entry)
                continue
            }
            if case .recreate(let recreation) = entry.definition.run, recreation.python == nil {
                refreshPlan(of: entry)
            }
        }
    }
}
