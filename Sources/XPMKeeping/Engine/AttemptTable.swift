/// What the keeper knows: told what happened, it remembers it and says what xpmd has to hear. Does nothing itself.
struct AttemptTable {
    private var attempts: [UInt64: Attempt] = [:]
    /// Living main processes that are the keeper's children.
    private var mains: [Int32: UInt64] = [:]
    /// The attempts that are not yet empty, by what tells their processes.
    private var markers: [ArraySlice<UInt8>: UInt64] = [:]
    private var numbers: [Int32: Set<UInt64>] = [:]
    /// Exited, but not known to be empty.
    private(set) var unsettled: Set<UInt64> = []
    /// To be killed with whatever turns up later, and not known to be empty.
    private(set) var killed: Set<UInt64> = []

    subscript(attempt: UInt64) -> Attempt? { attempts[attempt] }

    var isEmpty: Bool { attempts.isEmpty }

    /// Whether any process of any attempt may live.
    var hasLife: Bool { attempts.values.contains { !$0.isEmptied } }

    var snapshot: [AttemptReport] {
        attempts.values.map(\.report).sorted { $0.attempt < $1.attempt }
    }

    /// Those whose processes have to be looked for among all.
    var adoptedWithoutCgroup: [UInt64] {
        attempts.values.filter { !$0.isChild && $0.cgroup == nil && !$0.isEmptied }.map(\.number)
    }

    func isLivingMain(_ pid: Int32) -> Bool { mains[pid] != nil }

    /// What was said of an attempt so far, for a client that asks again; empty if it is unknown.
    func known(of number: UInt64) -> [KeeperMessage] {
        guard let attempt = attempts[number] else { return [] }
        let spawned = KeeperMessage.spawned(attempt: number, pid: attempt.pid, startTime: attempt.startTime)
        switch attempt.phase {
        case .running: return [spawned]
        case .exited(let status, let milliseconds, let emptied):
            let exited = KeeperMessage.exited(attempt: number, status, atMilliseconds: milliseconds)
            return [spawned, exited] + (emptied ? [.emptied(attempt: number)] : [])
        }
    }

    /// The attempt whose process this is: by its marker, which says it for certain, else by its session or group.
    func owner(of process: ProcessStat, environment: [ArraySlice<UInt8>]) -> UInt64? {
        for entry in environment {
            if let owner = markers[entry] { return owner }
        }
        return holder(of: process.session) ?? holder(of: process.group)
    }

    /// A number that is held twice was reused: the living process has it.
    private func holder(of number: Int32) -> UInt64? {
        let holders = (numbers[number] ?? []).compactMap { attempts[$0] }.filter(\.ownsNumber)
        return (holders.first(where: \.isRunning) ?? holders.first)?.number
    }

    // MARK: What happened

    mutating func began(_ attempt: Attempt) -> [KeeperMessage] {
        attempts[attempt.number] = attempt
        if attempt.isChild { mains[attempt.pid] = attempt.number }
        if !attempt.marker.isEmpty { markers[attempt.marker] = attempt.number }
        numbers[attempt.pid, default: []].insert(attempt.number)
        return [.spawned(attempt: attempt.number, pid: attempt.pid, startTime: attempt.startTime)]
    }

    /// Another process is the main one from now on.
    mutating func follows(_ number: UInt64, pid: Int32, startTime: UInt64) -> [KeeperMessage] {
        guard let attempt = attempts[number], attempt.isRunning else { return [] }
        mains[attempt.pid] = nil
        // The old number stays its own: the group and session of what the attempt began with.
        numbers[pid, default: []].insert(number)
        attempts[number]?.pid = pid
        attempts[number]?.startTime = startTime
        attempts[number]?.isFollowed = true
        mains[pid] = number
        return [.spawned(attempt: number, pid: pid, startTime: startTime)]
    }

    /// Notes what a process of an attempt said.
    mutating func noticed(_ number: UInt64, _ notices: [Notices.Notice]) {
        attempts[number]?.notices.add(notices.filter(\.variable.lasts))
    }

    /// What attempts said of themselves last, for who listens from now on.
    var notices: [KeeperMessage] {
        attempts.values.sorted { $0.number < $1.number }.flatMap { attempt in
            attempt.notices.latest.map { .notified(attempt: attempt.number, pid: $0.pid, text: $0.line) }
        }
    }

    /// Why attempts have failed, as far as they said it before they exited.
    var lastWords: [KeeperMessage] {
        attempts.values.sorted { $0.number < $1.number }.filter { !$0.isRunning }.flatMap { attempt in
            attempt.notices.latest.filter { $0.variable == .error }.map {
                .notified(attempt: attempt.number, pid: $0.pid, text: $0.line)
            }
        }
    }

    /// Notes what an attempt has used.
    mutating func spent(_ number: UInt64, _ cost: AttemptCost) { attempts[number]?.cost = cost }

    /// The living attempt whose main process this is.
    func attempt(ofMain pid: Int32) -> Attempt? { mains[pid].flatMap { attempts[$0] } }

    /// What the attempts that have exited have used.
    var costs: [KeeperMessage] {
        attempts.values.sorted { $0.number < $1.number }.compactMap { attempt in
            attempt.cost.map { .spent(attempt: attempt.number, $0) }
        }
    }

    /// The keeper reaped one of its children; nothing is to be said unless it is a main process.
    mutating func reaped(_ pid: Int32, _ status: ExitStatus, atMilliseconds milliseconds: UInt64) -> [KeeperMessage] {
        guard let number = mains.removeValue(forKey: pid) else { return [] }
        return exited(number, status, atMilliseconds: milliseconds)
    }

    mutating func exited(_ number: UInt64, _ status: ExitStatus, atMilliseconds milliseconds: UInt64) -> [KeeperMessage]
    {
        guard let attempt = attempts[number], attempt.isRunning else { return [] }
        // One that was followed may be another's child, whose number the keeper does not see freed.
        if mains[attempt.pid] == number { mains[attempt.pid] = nil }
        attempts[number]?.phase = .exited(status, atMilliseconds: milliseconds, emptied: false)
        unsettled.insert(number)
        return [.exited(attempt: number, status, atMilliseconds: milliseconds)]
    }

    mutating func emptied(_ number: UInt64) -> [KeeperMessage] {
        guard let attempt = attempts[number], case .exited(let status, let milliseconds, emptied: false) = attempt.phase
        else { return [] }
        attempts[number]?.phase = .exited(status, atMilliseconds: milliseconds, emptied: true)
        unsettled.remove(number)
        killed.remove(number)
        if markers[attempt.marker] == number { markers[attempt.marker] = nil }
        for pid in attempt.isFollowed ? numbers.filter({ $0.value.contains(number) }).map(\.key) : [attempt.pid] {
            numbers[pid]?.remove(number)
            if numbers[pid]?.isEmpty == true { numbers[pid] = nil }
        }
        if attempt.isAcknowledged { attempts[number] = nil }
        return [.emptied(attempt: number)]
    }

    mutating func acknowledged(_ number: UInt64) {
        guard let attempt = attempts[number], !attempt.isRunning else { return }
        if attempt.isEmptied {
            attempts[number] = nil
        } else {
            attempts[number]?.isAcknowledged = true
        }
    }

    mutating func lostNumber(_ number: UInt64) {
        attempts[number]?.ownsNumber = false
    }

    mutating func condemned(_ number: UInt64) {
        guard let attempt = attempts[number], !attempt.isEmptied else { return }
        killed.insert(number)
    }
}
