import SeededRandom
import Testing
import XPMProtocol

@testable import XPMClient

/// An xpmd that does what a seed says, on a connection on which everything takes its time: questions are carried out some time after they
/// were asked, answers and events come in any order among each other, events are lost, and connections break.
struct ModelDaemon {
    private struct Asked {
        var moment: Int64
        var question: MirrorQuestion
        var answer: MirrorAnswer?
    }

    private var random: SeededRandom
    /// What answers are made of; what is on record follows.
    private(set) var memory = ModelWorld()
    private var record = ModelWorld()
    private var sequence: Int64 = 0
    private var revision: Int64 = 1000
    private var events: [EventRecord] = []
    private var asked: [Asked] = []
    private var isConnected = false

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    // MARK: One step of a walk

    mutating func step(_ mirror: inout MirrorState) {
        switch random.next() % 100 {
        case 0..<30: act()
        case 30..<45: commit()
        case 45..<60: deliver(1 + Int(random.next() % 4), to: &mirror)
        case 60..<70: ask(&mirror)
        case 70..<80: carryOut()
        case 80..<95: answer(&mirror)
        case 95: loseEvents()
        case 96: breakConnection(&mirror)
        case 97: crash(&mirror)
        default: connect(&mirror)
        }
        if random.oneIn(400) { replaceDatabase(&mirror) }
    }

    /// Lets everything come to its end.
    mutating func finish(_ mirror: inout MirrorState) {
        commit()
        connect(&mirror)
        repeat {
            deliver(.max, to: &mirror)
            ask(&mirror)
            while !asked.isEmpty {
                carryOut()
                answer(&mirror)
                ask(&mirror)
            }
        } while !events.isEmpty
    }

    private mutating func act() {
        let run = RunIdentity(
            workspace: "/ws", experiment: ["lab", "other"][Int(random.next() % 2)], run: "r\(random.next() % 3)")
        let ids = ["a", "b", "c", "all", "all/one", "all/two"]
        let service = ServiceIdentity(run: run, id: ids[Int(random.next() % 6)])
        revision += 1
        guard memory.runs[run] != nil else { return memory.open(run) }
        switch random.next() % 12 {
        case 0: memory.close(run, forgetting: memory.runs.keys.sorted { $0.run < $1.run }.first)
        case 1: memory.lose(run)
        case 2: memory.open(run)
        case 3, 4, 5: addAgain(service)
        case 6 where memory.runs[run]?.record.isGone == true: memory.removeServices(of: run)
        case 6: memory.remove(service)
        case 7: memory.redefine(service, requires: someIDs(), description: "\(revision)")
        default: memory.change(service, to: ServiceState.allCases[Int(random.next() % 5)], revision: revision)
        }
    }

    private mutating func addAgain(_ service: ServiceIdentity) {
        guard service.id.hasPrefix("all") else {
            return memory.add(service, revision: revision, requires: someIDs(), description: "\(revision)")
        }
        memory.add(ServiceIdentity(run: service.run, id: "all"), revision: revision)
        for part in ["all/one", "all/two"] {
            memory.add(ServiceIdentity(run: service.run, id: part), revision: revision)
        }
    }

    private mutating func someIDs() -> [String] { ["a", "b", "c"].filter { _ in random.oneIn(3) } }

    private mutating func commit() {
        for var event in memory.events {
            sequence += 1
            event.sequence = sequence
            if isConnected { events.append(event) }
        }
        memory.events = []
        record = memory
    }

    // MARK: The connection

    private mutating func deliver(_ count: Int, to mirror: inout MirrorState) {
        guard isConnected, !events.isEmpty else { return }
        mirror.take(Array(events.prefix(count)))
        events.removeFirst(min(count, events.count))
    }

    private mutating func ask(_ mirror: inout MirrorState) {
        while isConnected, let (moment, question) = mirror.nextQuestion() {
            asked.append(Asked(moment: moment, question: question))
            if random.oneIn(4) { return }
        }
    }

    private mutating func carryOut() {
        let open = asked.indices.filter { asked[$0].answer == nil }
        guard let index = random.oneIn(2) ? open.first : open.randomElement(using: &random) else { return }
        asked[index].answer =
            switch asked[index].question {
            case .services(let cursor): .services(memory.page(from: cursor, size: 1 + Int(random.next() % 6)))
            case .runs(let owner): .runs(memory.experiments(of: owner?.experiment))
            case .service(let identity):
                .service(
                    memory.record(identity).map { record in
                        MirroredRecord.Reply(
                            service: record,
                            definition: MirroredRecord.Dependencies(requires: memory.services[identity]?.requires))
                    })
            }
    }

    private mutating func answer(_ mirror: inout MirrorState) {
        let ready = asked.indices.filter { asked[$0].answer != nil }
        // Often the last question first: what was asked before it then comes late.
        guard let index = random.oneIn(2) ? ready.last : ready.randomElement(using: &random),
            let answer = asked[index].answer
        else { return }
        mirror.take(answer, askedAt: asked[index].moment)
        asked.remove(at: index)
    }

    /// The log has no room for some events, and says so, or nobody does.
    private mutating func loseEvents() {
        guard let last = events.indices.randomElement(using: &random) else { return }
        var gap = EventRecord(sequence: events[last].sequence, at: events[last].at, kind: .gap)
        (gap.from, gap.to) = (events[0].sequence, gap.sequence)
        let isTold = random.oneIn(2) || last == events.count - 1
        events.replaceSubrange(0...last, with: isTold ? [gap] : [])
    }

    private mutating func breakConnection(_ mirror: inout MirrorState) {
        (isConnected, events, asked) = (false, [], [])
        mirror.lost("the connection broke")
    }

    /// What is not on record was never done.
    private mutating func crash(_ mirror: inout MirrorState) {
        memory = record
        breakConnection(&mirror)
    }

    /// Another xpmd answers, to which everything is news, and whose numbers are smaller.
    private mutating func replaceDatabase(_ mirror: inout MirrorState) {
        (memory, record, sequence, revision) = (ModelWorld(), ModelWorld(), 0, 1)
        breakConnection(&mirror)
    }

    private mutating func connect(_ mirror: inout MirrorState) {
        guard !isConnected else { return }
        isConnected = true
        mirror.subscribed(last: sequence)
    }
}
