import SeededRandom
import XPMSupervision

/// A long random life of one service.
struct Walk {
    private var world: ModelWorld
    private let seed: UInt64
    private var step = 0

    init(seed: UInt64, setting: ModelWorld.Setting) {
        self.seed = seed
        world = ModelWorld(seed: seed, setting: setting)
    }

    /// Takes that many steps, now and then checking that a stop ends and a start arrives; returns the phases seen.
    mutating func run(steps: Int, checkingEvery interval: Int = 200) throws(Failed) -> Set<PhaseShape> {
        do throws(Violation) {
            while step < steps {
                step += 1
                try act()
                if step.isMultiple(of: interval) { try checkEnds() }
            }
            return world.visited
        } catch {
            throw Failed(
                description: """
                    seed \(seed), step \(step): \(error.text); repeat it with XPM_TEST_SEED=\(seed)
                    \(world.story)
                    """)
        }
    }

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    private mutating func act() throws(Violation) {
        switch world.random.next() % 100 {
        case 0..<14: try world.handle(.start(world.freshAttempt()))
        case 14..<24: try world.handle(.stop)
        case 24..<32: try world.handle(.restart(world.freshAttempt()))
        case 32..<62: _ = try world.hear()
        case 62..<64: try world.answerForOthers(blocked: world.random.oneIn(4))
        case 64..<66: try world.retry()
        case 66..<67: if let live = world.machine.phase.liveAttempt { try world.handle(word(about: live)) }
        case 67..<70: if let live = world.machine.phase.liveAttempt { try world.handle(.ready(live)) }
        case 70..<78: if let id = anyAttempt() { world.exit(id, anyStatus()) }
        case 78..<84: if let id = anyAttempt() { world.empty(id, anyStatus()) }
        case 84..<92:
            if let (timer, _) = world.pendingTimers.randomElement(using: &world.random) { try world.fire(timer) }
        case 92..<97: try world.handle(staleEvent())
        case 97: try world.random.oneIn(2) ? world.handle(.force) : world.replaceDaemon()
        case 98: try crashAfterSaving()
        default: if world.random.oneIn(10) { try world.reboot() }
        }
    }

    private mutating func anyAttempt() -> AttemptID? { world.keeper.withProcesses.randomElement(using: &world.random) }

    private mutating func anyStatus() -> ExitStatus {
        [.code(0), .code(1), .signal(9), .unknown].randomElement(using: &world.random) ?? .unknown
    }

    /// What a service shows of itself.
    private mutating func word(about live: AttemptID) -> MachineEvent {
        switch world.random.next() % 4 {
        case 0: .leaving(live)
        case 1: .failed(live, .silent)
        case 2: .failed(live, .unhealthy("no answer", restarts: true))
        default: .failed(live, .unhealthy("no answer", restarts: false))
        }
    }

    /// Something late about any attempt but the live one.
    private mutating func staleEvent() -> MachineEvent {
        let live = (world.machine.phase.liveAttempt ?? world.machine.phase.attempt)?.rawValue ?? 0
        var number = world.random.next() % (live + 3)
        if number == live { number += 1 }
        let finding = EventShape.Finding.allCases.randomElement(using: &world.random) ?? .emptied
        return finding.sample(AttemptID(rawValue: number))
    }

    /// The decision is on record and nothing of it is carried out.
    private mutating func crashAfterSaving() throws(Violation) {
        let event: MachineEvent =
            switch world.random.next() % 4 {
            case 0: .start(world.freshAttempt())
            case 1: .stop
            case 2: .restart(world.freshAttempt())
            default: world.machine.phase.liveAttempt.map(MachineEvent.ready) ?? .stop
            }
        try world.handle(event, losing: true)
        try world.replaceDaemon()
    }

    // MARK: Ends

    private mutating func checkEnds() throws(Violation) {
        try world.handle(.stop)
        try settle { phase in
            switch phase {
            case .idle(_, nil), .idle(.unkillable?, _?): true
            case .idle, .retrying, .starting, .running, .stopping: false
            }
        }
        world.isHostile = false
        defer { world.isHostile = true }
        for id in world.keeper.withProcesses { world.empty(id, .signal(9)) }
        try settle { $0.liveAttempt == nil }
        try checkRest()
        try world.handle(.start(world.freshAttempt()))
        try settle { phase in if case .running = phase { true } else { false } }
    }

    /// The world answers as long as it has something to say, and lets time pass only then.
    private mutating func settle(until isThere: (Phase) -> Bool) throws(Violation) {
        for _ in 0..<40 {
            if isThere(world.machine.phase), world.keeper.messages.isEmpty { return }
            if try world.hear() { continue }
            if world.awaited != nil {
                try world.answerForOthers(blocked: false)
                continue
            }
            if !world.isHostile, case .starting(let id, .probing) = world.machine.phase {
                try world.handle(.ready(id))
            } else if let (timer, _) = world.pendingTimers.first {
                try world.fire(timer)
            }
        }
        throw Violation("does not come to an end: \(world.machine.phase)")
    }

    /// At rest nothing is owed: every end is acknowledged and deadlines that are left change nothing.
    private mutating func checkRest() throws(Violation) {
        guard world.keeper.attempts.isEmpty else {
            throw Violation("never acknowledged \(world.keeper.attempts.keys.map(\.rawValue))")
        }
        let phase = world.machine.phase
        for (timer, _) in world.pendingTimers { try world.fire(timer) }
        guard world.machine.phase == phase else { throw Violation("a deadline that was left changed \(phase)") }
    }
}
