import XPMSupervision

/// The keeper as a machine meets it: processes that may not start, not heed, not die; messages that take their time.
struct ModelKeeper {
    struct Attempt {
        var isMainRunning = true
        var status = ExitStatus.unknown
        var hasProcesses = true
        var isDoomed = false
    }

    /// What it remembers until it is acknowledged.
    private(set) var attempts: [AttemptID: Attempt] = [:]
    /// What it has said and nobody has heard yet, oldest first.
    private(set) var messages: [MachineEvent] = []
    /// Attempts whose end was acknowledged.
    private(set) var acknowledged: Set<AttemptID> = []
    private(set) var everBegan: Set<AttemptID> = []

    var withProcesses: [AttemptID] { attempts.filter(\.value.hasProcesses).keys.sorted() }

    mutating func spawn(_ id: AttemptID, fails: Bool) throws(Violation) {
        if attempts[id] != nil {
            return repeatWhatIsKnown(of: id)
        }
        guard withProcesses.isEmpty else {
            throw Violation("asked for a process of \(id.rawValue) while \(withProcesses.map(\.rawValue)) have some")
        }
        if fails { return messages.append(.notSpawned(id, "no")) }
        everBegan.insert(id)
        attempts[id] = Attempt()
        messages.append(.spawned(id))
    }

    mutating func kill(_ id: AttemptID) { attempts[id]?.isDoomed = true }

    mutating func acknowledge(_ id: AttemptID) throws(Violation) {
        guard acknowledged.insert(id).inserted else { throw Violation("acknowledged \(id.rawValue) twice") }
        guard let attempt = attempts.removeValue(forKey: id) else { return }
        guard !attempt.hasProcesses else { throw Violation("acknowledged \(id.rawValue), which has processes") }
    }

    /// The main process ends.
    mutating func exit(_ id: AttemptID, _ status: ExitStatus) {
        guard let attempt = attempts[id], attempt.isMainRunning else { return }
        attempts[id]?.isMainRunning = false
        attempts[id]?.status = status
        messages.append(.exited(id, status))
    }

    /// Its last process ends, and before it the main one.
    mutating func empty(_ id: AttemptID, _ status: ExitStatus) {
        guard attempts[id]?.hasProcesses == true else { return }
        exit(id, status)
        attempts[id]?.hasProcesses = false
        messages.append(.emptied(id))
    }

    mutating func nextMessage() -> MachineEvent? { messages.isEmpty ? nil : messages.removeFirst() }

    /// A new daemon has connected: it gets the facts and none of what was on its way to the old one.
    mutating func reconnect() { messages = [] }

    /// The machine was restarted: nothing is left, not even the memory.
    mutating func reboot() {
        attempts = [:]
        messages = []
    }

    private mutating func repeatWhatIsKnown(of id: AttemptID) {
        guard let attempt = attempts[id] else { return }
        messages.append(.spawned(id))
        if !attempt.isMainRunning { messages.append(.exited(id, attempt.status)) }
        if !attempt.hasProcesses { messages.append(.emptied(id)) }
    }
}

/// A promise that a machine has broken.
struct Violation: Error {
    var text: String

    init(_ text: String) { self.text = text }
}
