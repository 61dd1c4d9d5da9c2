import NIOCore

/// One probe under way.
final class ProbeRun {
    private let loop: any EventLoop
    /// How long the service has to answer.
    let time: Duration
    private var done: ((ProbeOutcome) -> Void)?
    private var deadline: Scheduled<Void>?
    /// What it has come to if its time is over now.
    private var overdue: ProbeOutcome
    /// What is awaited just now, a clause.
    private(set) var pending = "no answer yet"
    var channel: (any Channel)?
    var command: AuxiliaryCommands.Run?
    var question: NameLookup.Question?
    /// Tries once more.
    var retry: Scheduled<Void>?
    /// Called when the name server takes long to answer.
    var whenStalled: () -> Void = {}
    private var stalled: Scheduled<Void>?
    /// A name server that answers takes less.
    private static let usualAnswer = TimeAmount.milliseconds(500)

    init(loop: any EventLoop, time: Duration, done: @escaping (ProbeOutcome) -> Void) {
        self.loop = loop
        self.time = time
        self.done = done
        overdue = .failed("no answer within \(time.text)")
    }

    var isOver: Bool { done == nil }

    func cancel() {
        done = nil
        release()
    }

    /// The name server is asked, which takes none of the service's time.
    func asks(_ question: NameLookup.Question, for name: String) {
        self.question = question
        pending = "the name server has not answered for '\(name)' yet"
        stalled = loop.assumeIsolated().scheduleTask(in: Self.usualAnswer) { self.whenStalled() }
    }

    /// From now on the service has its time to answer.
    func begin() {
        pending = "no answer yet"
        stalled?.cancel()
        guard deadline == nil else { return }
        deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { self.finish(self.overdue) }
    }

    /// Somebody listens, and accepts nobody.
    func waitsForRoom() {
        pending = "no room in its backlog yet"
        overdue = .failed("no room in its backlog within \(time.text)")
    }

    /// What is done next is not the service's doing; `undone` says, in a clause, that it was not done.
    func beginOwnWork(_ undone: String) { overdue = .notMade("\(undone) within \(time.text)") }

    /// It is the service's turn again.
    func endOwnWork() { overdue = .failed("no answer within \(time.text)") }

    func finish(_ outcome: ProbeOutcome) {
        guard let done else { return }
        self.done = nil
        release()
        done(outcome)
    }

    /// Never before the caller has the run in its hands.
    func later(_ outcome: ProbeOutcome) { loop.assumeIsolated().execute { self.finish(outcome) } }

    /// Before another address is tried.
    func disconnect() {
        channel?.close(promise: nil)
        channel = nil
    }

    private func release() {
        deadline?.cancel()
        stalled?.cancel()
        retry?.cancel()
        question?.cancel()
        question = nil
        disconnect()
        command?.cancel()
        command = nil
    }
}
