import XPMSupervision

/// A machine with its keeper and its clock, held to what the machine promises at every step.
struct ModelWorld {
    private(set) var machine: ServiceMachine
    private(set) var keeper = ModelKeeper()
    private(set) var visited: Set<PhaseShape> = []
    /// The last events and the phases that met them, oldest first; a new daemon is no event.
    private var history: [(event: MachineEvent?, phase: Phase)] = []
    private var timers: [Timer: AttemptID] = [:]
    private var lastAsked = AttemptID(rawValue: 0)
    private var lastSpawned = AttemptID(rawValue: 0)
    var random: RandomSource
    /// Whether processes may fail to start, ignore signals and hang in the kernel.
    var isHostile = true

    init(seed: UInt64, awaitsReadiness: Bool) {
        machine = ServiceMachine(awaitsReadiness: awaitsReadiness)
        random = RandomSource(seed: seed)
    }

    var pendingTimers: [(Timer, AttemptID)] { timers.map { ($0.key, $0.value) } }

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
        if let attempt = event.attempt, attempt != before.phase.liveAttempt, machine != before || !effects.isEmpty {
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
        case .terminate(let id):
            if !isHostile || random.oneIn(2) { keeper.empty(id, .signal(15)) }
        case .kill(let id):
            keeper.kill(id)
            if !isHostile || random.oneIn(2) { keeper.empty(id, .signal(9)) }
        case .setTimer(let timer, let id): timers[timer] = id
        case .cancelTimer(let timer): timers[timer] = nil
        case .acknowledge(let id): try keeper.acknowledge(id)
        case .watchReadiness, .endWatch, .record: break
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
        machine = ServiceMachine(phase: machine.phase, awaitsReadiness: machine.awaitsReadiness)
        timers = [:]
        keeper.reconnect()
        if let live = machine.phase.liveAttempt { try square(live) }
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
        case .start, .stop, .restart, .rebooted: nil
        case .spawned(let id), .notSpawned(let id, _), .ready(let id), .exited(let id, _), .emptied(let id),
            .timeUp(_, let id):
            id
        }
    }
}
