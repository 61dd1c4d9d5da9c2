import Logging
import NIOCore
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision

/// A deadline that runs.
struct RunningTimer {
    let due: NIODeadline
    let scheduled: Scheduled<Void>

    func cancel() { scheduled.cancel() }
}

/// One service as the supervisor holds it.
final class ServiceEntry {
    /// The row in the store; grows with the order of adding.
    let key: Int64
    let experiment: ExperimentEntry
    let identity: ServiceIdentity
    var description: String
    var definition: ServiceDefinition { didSet { experiment.orderChanges += 1 } }
    /// The revision with which it took the place of another definition, or of nothing; not kept on record.
    var addedAt: Int64 = 0
    /// Whether it took the place of another one when it was added.
    var isReplacement = false
    var plan: ServicePlan
    var machine: ServiceMachine {
        didSet { if oldValue.phase.isRunning != machine.phase.isRunning { experiment.orderChanges += 1 } }
    }
    var runtime: Runtime
    var wanted = false
    var subServices: [ServiceEntry] = []
    weak var parent: ServiceEntry?
    /// The folder that its files are below where no policy has put them elsewhere.
    private let stateFolder: String

    var timers: [XPMSupervision.Timer: RunningTimer] = [:]
    var readiness: ReadinessWatch?
    var healthWatch: HealthWatch?
    var watchdog: Scheduled<Void>?
    /// What is heard of its traffic while it is RUNNING.
    var idle: IdleWatch?
    /// The stop that its run's end has brought.
    var stopTimer: Scheduled<Void>?
    /// What the watchdog's next look finds.
    var aliveUntil = NIODeadline.distantPast
    /// The watchdog's time where the service has chosen another than its definition.
    var watchdogTime: Duration?
    var waiters = WaiterList()
    /// Asked after each change that is on record, until they answer that what they wait for has come.
    var endings: [() -> Bool] = []
    /// When it came into its state, by the clock that nobody sets; for one that is on record, when it was read.
    var stateSince = NIODeadline.now()
    /// It is no more: its addition could not be saved, or its removal is durable.
    var isRemoved = false
    /// Its logs are being deleted, and then it is removed: until that is over nothing begins with it.
    var isBeingRemoved = false
    /// The attempt that some keeper was asked to spawn.
    var asked: AttemptID?
    /// The attempt that may have processes, as it is on record.
    var liveOnRecord: AttemptID?
    /// Which keeper was asked for the process, as it is on record.
    var keeperOnRecord: KeeperIdentity?
    /// The queued attempt for which the services that it requires were started.
    var awaits: AttemptID?
    /// What this queued service waits for, and who waits for this one.
    var waitsFor = AwaitedDependencies()
    /// By their keys.
    var awaiters: [Int64: ServiceEntry] = [:]
    /// What `orderChanges` was when all that it requires was last seen to run.
    var soundAt: Int?
    /// The queued attempt that waits for its turn to get ready.
    var awaitsTurn: AttemptID?
    /// The attempt whose whole tree was sent the stop signal.
    var signalled: AttemptID?
    /// On-failure commands that run.
    var failureCommands = 0
    /// Decisions that are on their way to the disk.
    var unsaved = 0
    /// When the keeper saw the main process end, which may be long before it could tell.
    var endedAt: Timestamp?
    /// What the attempt that has just ended has used, until that is told.
    var bill: AttemptCost?
    /// How its health checks go.
    var health: HealthReport?
    /// What the last event had of its words, an event that is held back, and how often there may be one.
    var told: Words
    var heldBack: HeldBack?
    var wordAllowance = Allowance(burst: 10, every: .milliseconds(100))
    /// How often it may be restarted automatically, whatever its policy says.
    var restartAllowance = Allowance(burst: RestartPlan.burst, every: RestartPlan.shortestInterval)
    /// What people should know beside.
    var notes: [String] = []
    /// Which of the notes are of its logs.
    var logNotes = LogNotes()
    /// Why xpmd does not touch it, and what to do, for people.
    var exclusion: String?
    /// What is on record of it where nobody may read that.
    var stored: ServiceRow?
    /// The attempt of which the request that has begun it does not know yet whether it can be, and what waits for that.
    var checking: AttemptID?
    var deferred: [Effect] = []
    /// The attempt for which what its definition rests on is being read anew, or has been.
    var freshening: AttemptID?
    var fresh: AttemptID?
    /// The attempt whose paths are being looked at, last of all before its process is made.
    var looking: AttemptID?
    /// The file that the last attempt was to run.
    var program: String?
    /// The attempt whose ports are being seen to, or have been.
    var preparingPorts: AttemptID?
    var preparedPorts: AttemptID?
    /// What became of the port before, for the attempt's notes.
    var portNotes: [String] = []
    /// The attempt that a new keeper found nothing of, and that it is asked for once that is certain.
    var respawns: AttemptID?
    /// The attempt whose adoption a new keeper was asked for and has not answered.
    var adopting: AttemptID?
    /// Who hosts it.
    var host: Host?
    /// The host that was asked for `asked`.
    weak var askedHost: Host?
    /// Its host was that of the daemon before, and has not said yet that it goes on.
    var awaitsHost = false
    /// What it has said before anybody watched its readiness.
    var earlyWords = Notification("")

    /// How often its wire form has changed.
    private(set) var changes = 0
    private var encoded: [UInt8]?
    private var value: JSONValue?

    init(
        key: Int64, experiment: ExperimentEntry, identity: ServiceIdentity, description: String,
        definition: ServiceDefinition, plan: ServicePlan, runtime: Runtime, stateFolder: String
    ) {
        self.key = key
        self.experiment = experiment
        self.identity = identity
        self.description = description
        self.definition = definition
        self.plan = plan
        self.runtime = runtime
        self.stateFolder = stateFolder
        told = Words(url: runtime.url)
        machine = ServiceMachine(
            phase: runtime.phase, restarts: runtime.restarts ?? 0, awaitsReadiness: plan.readiness != nil)
        liveOnRecord = runtime.phase.liveAttempt
        keeperOnRecord = runtime.keeper
        configure()
    }

    /// Made when they are asked for: most services that are found are never started.
    var ownLogs: LogPaths { LogPaths(stateFolder: stateFolder, identity: identity, key: key) }

    /// Where the output of its last attempt went; before the first one, where it is to go.
    var logs: LogPaths { runtime.logs ?? (runtime.attempt == nil ? plannedLogs : ownLogs) }

    /// Where the output of the next attempt goes.
    var plannedLogs: LogPaths { ownLogs.replaced(by: plan.log) }

    /// An attempt begins, whose output goes where the plan says now.
    func adoptLogs() { runtime.logs = plannedLogs == ownLogs ? nil : plannedLogs }

    /// Tells the machine what the plan says.
    func configure() {
        machine.awaitsReadiness = plan.readiness != nil
        machine.rules = RestartRules(
            mode: plan.restart.mode, limit: plan.restart.limit, successCodes: plan.successCodes)
    }

    /// Whether it is yet to be found out what became of its processes: nobody asks that of an attempt that it has left.
    var isAdopting: Bool { adopting != nil && adopting == machine.phase.liveAttempt }

    var isComposite: Bool { definition.run == .composite }

    /// Whether services may be parts of it: a Python class may have some beside its own process.
    var mayHaveParts: Bool {
        guard identity.parent == nil else { return false }
        return switch definition.run {
        case .composite, .recreate, .hosted: true
        case .command, .template: false
        }
    }

    var state: ServiceState {
        guard !isComposite else { return .combined(subServices.map(\.state)) }
        return ServiceState(machine.phase)
    }

    /// Whether processes of it may live, or will.
    var isLive: Bool {
        guard !isComposite else { return subServices.contains(where: \.isLive) }
        return if case .retrying = machine.phase { true } else {
            machine.phase.liveAttempt != nil || machine.phase.attempt != nil
        }
    }

    /// Whether what is on record of it is still to be looked at: by a new keeper, or by its host.
    var isUnverified: Bool {
        isComposite
            ? subServices.contains(where: \.isUnverified) : isAdopting || awaitsHost && machine.phase.liveAttempt != nil
    }

    var record: ServiceRecord {
        var record = ServiceRecord(
            identity: identity, runMode: experiment.record.runMode, description: description, state: state,
            since: isComposite ? subServices.map(\.runtime.since).max() ?? runtime.since : runtime.since,
            subServices: subServices.map(\.identity.id))
        record.revision = ([self] + (isComposite ? subServices : [])).compactMap(\.runtime.revision).max()
        record.className = definition.className
        if case .template(let name, _, _) = definition.run { record.template = name }
        record.wanted = isComposite ? subServices.contains(where: \.wanted) : wanted
        record.attempt = runtime.attempt?.rawValue
        record.starts = runtime.starts
        record.restarts = runtime.restartCount
        record.lastFailure = runtime.lastFailure
        record.pid = runtime.pid
        record.url = runtime.url
        record.port = runtime.allotment?.port
        record.web = plan.web
        record.idle = idleReport
        record.relay = runtime.pid == nil ? nil : runtime.relay
        record.isAsleep = isAsleep
        record.error = isComposite ? subServices.compactMap(\.shownError).first : shownError
        record.exit = runtime.exit
        record.waitingFor = waitingFor
        record.deadline = (isComposite ? subServices : [self]).compactMap(\.shownDeadline).max()
        record.status = runtime.status
        record.retry = retryReport
        record.health = health
        record.notes =
            notes + [runtime.ending.map { "its run ended; it will be stopped at \($0.at)" }].compactMap(\.self)
        record.interpreter = (isLive ? runtime.interpreter : nil) ?? plan.host?.interpreter
        record.isHosted = isHosted
        record.dependents = dependents
        record.isGone = experiment.record.isGone
        if !isComposite, runtime.attempt != nil { (record.stdout, record.stderr) = (log(.stdout), log(.stderr)) }
        return record
    }

    /// The variables that tell where its last attempt's output goes by way of pipes.
    var logNames: [String: String] {
        guard runtime.isPiped == true else { return [:] }
        return [LogPaths.stdoutName: logs.stdout, LogPaths.stderrName: logs.stderr]
    }

    /// The file of one of its logs. Where the output of a hosted service goes is its host's affair, which may have said so.
    func log(_ stream: ServiceLogs.Stream) -> String? {
        switch stream {
        case .stdout: isHosted ? plan.log.stdout : logs.stdout
        case .stderr: isHosted ? plan.log.stderr : logs.stderr
        }
    }

    /// The record's wire form, made once per change.
    var wire: [UInt8] {
        if let encoded { return encoded }
        let bytes = Self.wire(of: record)
        encoded = bytes
        return bytes
    }

    /// The record as free JSON, for the details of errors; made once per change, for there may be many who are told.
    var recordValue: JSONValue {
        if let value { return value }
        let found = (try? Wire.decode(JSONValue.self, from: wire)) ?? .null
        value = found
        return found
    }

    /// Without the room for more that writing it has left: there may be ten thousand.
    private static func wire(of record: ServiceRecord) -> [UInt8] {
        (try? Wire.encode(record)).map { Array($0[...]) } ?? Array("null".utf8)
    }

    /// The same as things stand: with what was measured of it, and whether its process is suspended, which is looked up for the reply.
    func wire(with usages: [AttemptID: UsageReport]) -> [UInt8] {
        let parts = isComposite ? subServices : [self]
        let found = parts.compactMap { $0.machine.phase.liveAttempt }.compactMap { usages[$0] }
        let isSuspended = parts.contains(where: \.isSuspended)
        guard isSuspended || !found.isEmpty else { return wire }
        var record = record
        record.isSuspended = isSuspended
        record.usage = found.first.map { first in
            found.dropFirst().reduce(first) { sum, next in
                UsageReport(
                    memoryBytes: (sum.memoryBytes ?? 0).clampedSum(next.memoryBytes ?? 0),
                    cpuSeconds: (sum.cpuSeconds ?? 0) + (next.cpuSeconds ?? 0),
                    processes: (sum.processes ?? 0) + (next.processes ?? 0))
            }
        }
        return Self.wire(of: record)
    }

    /// Whether its main process is stopped by a signal: such a one answers nothing, and sees no signal but SIGKILL and SIGCONT.
    var isSuspended: Bool {
        guard !isHosted, machine.phase.liveAttempt != nil, let pid = runtime.pid, let startTime = runtime.startTime
        else {
            return false
        }
        return ProcessState.isSuspended(pid, startTime: startTime)
    }

    /// The definition's wire form.
    var definitionJSON: String { Self.json(definition) }

    /// By these what xpmd logs about it is found in the journal: XPM_SERVICE=, XPM_EXPERIMENT=.
    var logFields: Logger.Metadata {
        ["service": .string(identity.fullName), "experiment": .string(identity.run.experiment)]
    }

    /// The row that saves it.
    var row: ServiceRow {
        if let stored { return stored }
        return ServiceRow(
            key: key, experiment: experiment.key, id: identity.id, description: description,
            definition: definitionJSON, wanted: wanted, runtime: Self.json(runtime))
    }

    /// The change that saves what happens to it.
    var update: Change {
        .updateService(
            key: key, wanted: stored?.wanted ?? wanted, runtime: stored?.runtime ?? Self.json(runtime))
    }

    static func json(_ value: some Encodable) -> String {
        // Both types hold only what came from JSON or fits it.
        (try? Wire.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Drops the wire form.
    func touch() {
        changes += 1
        encoded = nil
        value = nil
        parent?.touch()
    }

    /// It has come into another state.
    func noteNewState() { (runtime.since, stateSince) = (.now, .now()) }

    /// How long it is until it, or each of its parts, has been RUNNING for `span`; nil where it has. What has told that it is ready
    /// need not prove it.
    func unsteadyTime(_ span: Duration) -> TimeAmount? {
        guard !isComposite else { return subServices.compactMap { $0.unsteadyTime(span) }.max() }
        guard case .running = machine.phase, plan.readiness == nil, !isHosted else { return nil }
        let left = stateSince + TimeAmount(span) - .now()
        return left > .nanoseconds(0) ? left : nil
    }

    /// Answers those whose wait is over: not before the change that ends it is on record, or a crash could take back
    /// what they were told.
    func wake() {
        guard unsaved == 0 else { return }
        parent?.wake()
        for waiter in waiters.takeAll() where !waiter.isSatisfied(by: self) { waiters.append(waiter) }
        guard !endings.isEmpty else { return }
        let asked = endings
        endings = []
        endings += asked.filter { !$0() }
    }

    /// When its time is over, where it has put that off.
    private var shownDeadline: Timestamp? {
        runtime.deadline.flatMap { timers[$0.purpose.timer] == nil ? nil : $0.end }
    }

    private var waitingFor: String? {
        switch machine.phase {
        case .idle, .retrying, .running: nil
        case .starting(_, .queued):
            waitsFor.first?.text ?? "its turn: many services are starting"
        case .starting(_, .clearing): "the processes of its last attempt to exit"
        case .starting(_, .spawning): isHosted ? waitingForHost("start it") : "its process to start"
        case .starting(_, .probing):
            [readiness?.waitingFor ?? "its readiness check", unread].compactMap(\.self).joined(separator: "; ")
        case .stopping(_, .held, _, _): "services that depend on it to stop"
        case .stopping(_, .leaving, _, _): "it to exit by itself (it sent STOPPING=1)"
        case .stopping(_, .terminating, _, _) where isHosted, .stopping(_, .killing, _, _) where isHosted:
            waitingForHost("stop it")
        case .stopping(_, .terminating, _, _): "its processes to exit after \(plan.stopSignal.name)"
        case .stopping(_, .killing, _, _): "its processes to exit after SIGKILL"
        }
    }
}

extension ServiceState {
    /// What a composite is, from what its parts are: the most urgent of them.
    static func combined(_ states: [ServiceState]) -> ServiceState {
        [.error, .starting, .stopping, .running].first(where: states.contains) ?? .stopped
    }
}
