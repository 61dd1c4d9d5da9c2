import Glibc
import NIOCore
import Synchronization

/// Finds the addresses of hosts that have a name, on threads of its own: a name server that does not answer holds up nothing but
/// what it was asked for.
///
/// What the machine's own files tell is asked for first: that needs no server, and none of these threads.
///
/// A lookup cannot be ended. So there are few at a time, of each name one for everybody who asks; who has waited long enough is told
/// that there is no answer, and the lookup goes on for those who ask meanwhile. They are shared fairly: who asks has half of them at most,
/// and the last one is not for those whose last lookup has taken too long. Once all that are in somebody's way have taken too long, he
/// does not wait for his turn any more.
final class NameLookup {
    /// Finds a name's addresses, and blocks meanwhile.
    typealias Resolver = @Sendable (String) -> NameAnswer
    /// Looks a name up in the machine's own files; nil where they do not have it. It may block, too.
    typealias Files = @Sendable (String) -> NameAnswer?

    /// A lookup that goes on.
    struct Running {
        var asker: Int64
        var since: NIODeadline
    }

    /// More names do not wait for their turn.
    private static let queueLimit = 256
    /// So many are remembered as slow; beyond that all begin anew.
    private static let slowLimit = 4096
    /// The machine's own files do not take longer, unless their disk hangs.
    private static let filesTime = TimeAmount.seconds(1)

    private let loop: any EventLoop
    private let most: Int
    private let patience: Duration
    private let files: Files?
    private let resolve: Resolver
    private let back: WayBack
    /// What is being looked up.
    private(set) var running: [String: Running] = [:]
    /// Names whose turn has not come, and who has asked for them first, the oldest first.
    private var queue: [(name: String, asker: Int64)] = []
    /// Those whose last lookup has taken too long.
    private var slow: Set<Int64> = []
    /// Who waits for an answer, by name.
    private var questions: [String: [Question]] = [:]

    /// Looks up at most `most` names at a time; who asks waits for `patience` at most.
    init(
        loop: any EventLoop, most: Int = 4, patience: Duration = .seconds(5), files: Files? = nil,
        resolve: @escaping Resolver = NameAnswer.ofSystem
    ) {
        self.loop = loop
        self.most = most
        self.patience = patience
        self.files = files
        self.resolve = resolve
        back = WayBack(loop: loop)
    }

    /// One who waits for an answer.
    final class Question {
        fileprivate let name: String
        private let lookup: NameLookup
        private var done: ((NameAnswer) -> Void)?
        fileprivate var isOver: Bool { done == nil }
        fileprivate var deadline: Scheduled<Void>?

        fileprivate init(_ name: String, of lookup: NameLookup, done: @escaping (NameAnswer) -> Void) {
            self.name = name
            self.lookup = lookup
            self.done = done
        }

        /// Waits no more; nobody is told.
        func cancel() {
            guard done != nil else { return }
            settle(nil)
            lookup.leave(self)
        }

        fileprivate func settle(_ answer: NameAnswer?) {
            let done = done
            self.done = nil
            deadline?.cancel()
            if let answer { done?(answer) }
        }
    }

    /// Asks for the addresses of `name`, for a service by its key; `done` is called once, later, on the loop, unless the question is
    /// cancelled.
    func ask(
        _ name: String, for asker: Int64, within time: Duration, done: @escaping (NameAnswer) -> Void
    ) -> Question {
        let question = Question(name, of: self, done: done)
        if let files {
            Workers.system.run(.path("/etc/hosts"), on: loop, within: Self.filesTime) { files(name) }
                .assumeIsolated()
                .whenComplete { [self] outcome in
                    if case .success(let answer?) = outcome { return question.settle(answer) }
                    if !question.isOver, let fault = enrol(question, asker) { question.settle(.unanswered(fault)) }
                }
        } else if let fault = enrol(question, asker) {
            loop.assumeIsolated().execute { question.settle(.unanswered(fault)) }
            return question
        }
        let time = min(time, patience)
        question.deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [self] in
            leave(question)
            question.settle(
                .unanswered("the name server does not answer: no address of '\(name)' within \(time.text)"))
        }
        return question
    }

    /// Has its name looked up for it; nil, or why it will not be, a phrase.
    private func enrol(_ question: Question, _ asker: Int64) -> String? {
        if let fault = take(question.name, asker) { return fault }
        questions[question.name, default: []].append(question)
        return nil
    }

    /// What is still being looked up is for nobody any more.
    func close() { back.close() }

    /// Has a name looked up, at once or when its turn comes; nil, or why it will not be, a phrase.
    private func take(_ name: String, _ asker: Int64) -> String? {
        if running[name] != nil || queue.contains(where: { $0.name == name }) { return nil }
        let obstacles = obstacles(for: asker)
        if obstacles.isEmpty { return begin(name, asker) }
        guard !obstacles.allSatisfy(isOverdue), queue.count < Self.queueLimit else {
            let count = obstacles.count
            return
                "the name server does not answer: '\(name)' was not looked up, \(count) other\(count == 1 ? " hangs" : "s hang")"
        }
        queue.append((name, asker))
        return nil
    }

    /// The lookups of which one has to end before the next one for him.
    private func obstacles(for asker: Int64) -> [Running] {
        let all = Array(running.values)
        let own = all.filter { $0.asker == asker }
        if own.count >= max(1, most / 2) { return own }
        let isSlow = slow.contains(asker) || own.contains(where: isOverdue)
        return all.count >= (isSlow ? max(1, most - 1) : most) ? all : []
    }

    private func isOverdue(_ lookup: Running) -> Bool { lookup.since + TimeAmount(patience) <= .now() }

    private func begin(_ name: String, _ asker: Int64) -> String? {
        let me = NIOLoopBound(self, eventLoop: loop)
        let code = DetachedThread.start { [resolve, back] in
            let answer = resolve(name)
            back.run { me.value.ended(name, answer) }
        }
        guard code == 0 else { return "the name '\(name)' cannot be looked up: no thread is left" }
        running[name] = Running(asker: asker, since: .now())
        return nil
    }

    private func ended(_ name: String, _ answer: NameAnswer) {
        if let lookup = running.removeValue(forKey: name) {
            if slow.count >= Self.slowLimit { slow = [] }
            if isOverdue(lookup) { slow.insert(lookup.asker) } else { slow.remove(lookup.asker) }
        }
        // Whom others of his own are in the way stays where he is.
        let waiting = queue
        queue = []
        for next in waiting {
            guard obstacles(for: next.asker).isEmpty else {
                queue.append(next)
                continue
            }
            if let fault = begin(next.name, next.asker) { settle(next.name, .unanswered(fault)) }
        }
        settle(name, answer)
    }

    private func settle(_ name: String, _ answer: NameAnswer) {
        for question in questions.removeValue(forKey: name) ?? [] { question.settle(answer) }
    }

    /// A name for which nobody waits any more is not looked up when its turn comes.
    private func leave(_ question: Question) {
        let name = question.name
        questions[name]?.removeAll { $0 === question }
        guard questions[name]?.isEmpty == true else { return }
        questions[name] = nil
        queue.removeAll { $0.name == name }
    }
}

/// The way from a thread to the loop, until it is closed: behind that the loop may be gone.
private final class WayBack: Sendable {
    private let loop: any EventLoop
    private let isOpen = Mutex(true)

    init(loop: any EventLoop) { self.loop = loop }

    func run(_ body: @escaping @Sendable () -> Void) { isOpen.withLock { if $0 { loop.execute(body) } } }

    func close() { isOpen.withLock { $0 = false } }
}
