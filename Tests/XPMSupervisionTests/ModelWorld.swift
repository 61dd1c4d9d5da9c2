import SeededRandom
import XPMSupervision

/// A machine with its keeper and its clock, held to what the machine promises at every step.
struct ModelWorld {
    private let setting: Setting
    private(set) var machine: ServiceMachine
    /// Whether the delay before a restart runs.
    private(set) var isRetryDue = false
    /// What it waits for at others.
    private(set) var awaited: MachineEvent?
    /// Restarts since somebody asked for a start, or a stable run.
    private var restartsInARow = 0
    /// Nobody has asked for it to run since it was last asked to stop.
    private var isUnwanted = true
    private(set) var keeper = ModelKeeper()
    private(set) var visited: Set<PhaseShape> = []
    /// The last events and the phases that met them, oldest first; a new daemon is no event.
    private var history: [(event: MachineEvent?, phase: Phase)] = []
    private var timers: [Timer: AttemptID] = [:]
    private var lastAsked = AttemptID(rawValue: 0)
    private var lastSpawned = AttemptID(rawValue: 0)
    var random: SeededRandom
    /// Whether processes may fail to start, ignore signals and hang in the kernel.
    var isHostile = true

    init(seed: UInt64, setting: Setting) {
        self.setting = setting
        machine = setting.machine
        random = SeededRandom(seed: seed)
    }

    /// What the definition says.
    struct Setting {
        var awaitsReadiness: Bool
        var rules = RestartRules()
        var awaitsOthers = false
        var hasDependants = false

        var machine: ServiceMachine { apply(to: ServiceMachine(awaitsReadiness: awaitsReadiness)) }

        func apply(to machine: ServiceMachine) -> ServiceMachine {
            var machine = machine
            (machine.rules, machine.awaitsOthers, machine.hasDependants) = (rules, awaitsOthers, hasDependants)
            return machine
        }
    }

    /// In one order, so that a seed repeats its walk.
    var pendingTimers: [(Timer, AttemptID)] {
        Timer.allCases.compactMap { timer in timers[timer].map { (timer, $0) } }
    }

    mutating func freshAttempt() -> AttemptID {
        lastAsked = AttemptID(rawValue: lastAsked.rawValue + 1)
        return lastAsked
    }

    /// Lets the machine take in an event and carries out what it decides; `losing` the effects as a crash right after saving does.
    mutating func handle(_ event: MachineEvent, losing: Bool = false) throws(Violation) {
        note(event)
        let before = machine
        let effects = machine.handle(event)
        visited.insert(PhaseShape(machine.phase))
        try checkRules(event, before)
        if let attempt = event.attempt, attempt != before.phase.liveAttempt, attempt != before.phase.attempt,
            machine != before || !effects.isEmpty
        {
            throw Violation("an event about \(attempt.rawValue) changed what is about \(before.phase)")
        }
        guard !losing else { return }
        for effect in effects { try perform(effect) }
    }

    mutating func perform(_ effect: Effect) throws(Violation) {
        switch effect {
        case .spawn(let id):
            guard id > lastSpawned || (id == lastSpawned && machine.phase == .starting(id, .spawning)) else {
                throw Violation("attempt \(id.rawValue) is spawned after \(lastSpawned.rawValue)")
            }
            lastSpawned = id
            try keeper.spawn(id, fails: isHostile && random.oneIn(8))
        case .terminate(let id), .terminateLeftovers(let id):
            if !isHostile || random.oneIn(2) { keeper.empty(id, .signal(15)) }
        case .kill(let id):
            keeper.kill(id)
            if !isHostile || random.oneIn(2) { keeper.empty(id, .signal(9)) }
        case .setTimer(let timer, let id): timers[timer] = id
        case .cancelTimer(.retry): isRetryDue = false
        case .cancelTimer(let timer): timers[timer] = nil
        case .acknowledge(let id): try keeper.acknowledge(id)
        case .scheduleRetry: isRetryDue = true
        case .awaitOthers(let id): awaited = .unblocked(id)
        case .awaitDependants(let id): awaited = .released(id)
        case .endWatch: awaited = nil
        case .watchReadiness, .watchHealth, .record: break
        }
    }

    /// The delay is over.
    mutating func retry() throws(Violation) {
        guard isRetryDue else { return }
        isRetryDue = false
        try handle(.retry(freshAttempt()))
    }

    /// The others are there, or gone; or, for one that waits to start, they never will be.
    mutating func answerForOthers(blocked: Bool) throws(Violation) {
        guard let event = awaited else { return }
        awaited = nil
        if blocked, case .unblocked(let id) = event { return try handle(.blocked(id, "depends on 'db'")) }
        try handle(event)
    }

    /// Promises about restarts.
    private mutating func checkRules(_ event: MachineEvent, _ before: ServiceMachine) throws(Violation) {
        switch event {
        case .start, .restart: (isUnwanted, restartsInARow) = (false, 0)
        case .stop: isUnwanted = true
        case .timeUp(.stable, _): if case .running = before.phase { restartsInARow = 0 }
        case .retry:
            guard case .retrying = before.phase, case .starting = machine.phase else { break }
            restartsInARow += 1
            if let limit = setting.rules.limit, restartsInARow > limit {
                throw Violation("restarted \(restartsInARow) times in a row where \(limit) are the limit")
            }
        default: break
        }
        if case .retrying = machine.phase {
            guard !isUnwanted else { throw Violation("is to be restarted though it was stopped") }
            var isForced = false
            if case .retrying(.unhealthy(_, restarts: true)?, _) = machine.phase { isForced = true }
            guard setting.rules.mode != .never || isForced else {
                throw Violation("is to be restarted against its rules")
            }
        }
    }

    mutating func fire(_ timer: Timer) throws(Violation) {
        guard let attempt = timers.removeValue(forKey: timer) else { return }
        try handle(.timeUp(timer, attempt))
    }

    mutating func exit(_ id: AttemptID, _ status: ExitStatus) { keeper.exit(id, status) }

    mutating func empty(_ id: AttemptID, _ status: ExitStatus) { keeper.empty(id, status) }

    mutating func hear() throws(Violation) -> Bool {
        guard let message = keeper.nextMessage() else { return false }
        try handle(message)
        return true
    }

    /// The daemon dies and the next one takes over, by the rules of its takeover.
    mutating func replaceDaemon() throws(Violation) {
        note(nil)
        machine = setting.apply(
            to: ServiceMachine(
                phase: machine.phase, restarts: machine.restarts, awaitsReadiness: machine.awaitsReadiness))
        timers = [:]
        (isRetryDue, awaited) = (false, nil)
        keeper.reconnect()
        if let live = machine.phase.liveAttempt { try square(live) }
        if machine.phase.liveAttempt == nil { try resume() }
        for (id, attempt) in keeper.attempts.sorted(by: { $0.key < $1.key }) where id != machine.phase.liveAttempt {
            guard !attempt.hasProcesses else { throw Violation("lost sight of \(id.rawValue), which has processes") }
            try keeper.acknowledge(id)
        }
    }

    private mutating func square(_ live: AttemptID) throws(Violation) {
        guard let attempt = keeper.attempts[live] else {
            if case .starting(live, .spawning) = machine.phase { return try resume() }
            try handle(.notSpawned(live, "was never asked for"))
            try handle(.exited(live, .unknown))
            return try handle(.emptied(live))
        }
        if !attempt.isMainRunning { try handle(.exited(live, attempt.status)) }
        if !attempt.hasProcesses {
            try handle(.emptied(live))
        } else if case .starting(live, .spawning) = machine.phase {
            try handle(.spawned(live))
        } else {
            try resume()
        }
    }

    private mutating func resume() throws(Violation) {
        for effect in machine.resumed() { try perform(effect) }
    }

    mutating func reboot() throws(Violation) {
        keeper.reboot()
        timers = [:]
        (isRetryDue, awaited) = (false, nil)
        try handle(.rebooted)
    }

    private mutating func note(_ event: MachineEvent?) {
        if history.count == 60 { history.removeFirst(30) }
        history.append((event, machine.phase))
    }

    /// How it came to this, oldest first.
    var story: String {
        history.map { event, phase in "\(phase): \(event.map { "\($0)" } ?? "a new daemon")" }.joined(separator: "\n")
    }
}

extension MachineEvent {
    /// The attempt that something was found out about.
    var attempt: AttemptID? {
        switch self {
        case .start, .stop, .restart, .force, .retry, .rebooted: nil
        case .spawned(let id), .notSpawned(let id, _), .ready(let id), .exited(let id, _), .emptied(let id),
            .timeUp(_, let id), .unblocked(let id), .blocked(let id, _), .released(let id), .leaving(let id),
            .failed(let id, _):
            id
        }
    }
}
