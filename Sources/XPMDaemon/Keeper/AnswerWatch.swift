import NIOCore

/// Notices a keeper that does not answer: its process is suspended, or hangs in the kernel.
///
/// At rest it costs nothing. A request makes it look once, after a while; only where nothing was heard by then does it ask
/// a question that every keeper answers at once, for some requests have no answer.
final class AnswerWatch {
    /// How long the keeper has after a request, and then again after the question.
    static let patience = TimeAmount.seconds(5)

    private let loop: any EventLoop
    private let patience: TimeAmount
    private let question: () -> Void
    private let told: (_ isSilent: Bool) -> Void
    private var timer: Scheduled<Void>?
    /// Whether something was asked since the keeper was heard.
    private(set) var isOwed = false
    private var hasQuestioned = false
    private(set) var isSilent = false

    /// `told` hears when the keeper falls silent, and when it answers again.
    init(
        loop: any EventLoop, patience: TimeAmount = AnswerWatch.patience, question: @escaping () -> Void,
        told: @escaping (_ isSilent: Bool) -> Void
    ) {
        self.loop = loop
        self.patience = patience
        self.question = question
        self.told = told
    }

    /// A request was sent.
    func asked() {
        isOwed = true
        if timer == nil, !isSilent { schedule() }
    }

    /// Something came.
    func heard() {
        (isOwed, hasQuestioned) = (false, false)
        guard isSilent else { return }
        isSilent = false
        told(false)
    }

    /// The connection is over; nothing is awaited any more.
    func end() {
        timer?.cancel()
        (timer, isOwed, hasQuestioned, isSilent) = (nil, false, false, false)
    }

    private func schedule() {
        timer = loop.assumeIsolated().scheduleTask(in: patience) { [weak self] in self?.look() }
    }

    private func look() {
        timer = nil
        guard isOwed else { return }
        if hasQuestioned {
            isSilent = true
            return told(true)
        }
        // One that was itself suspended, and has not yet read what came meanwhile, does not blame the keeper.
        hasQuestioned = true
        schedule()
        question()
    }
}
