/// Notices a logger that does not answer: its process is suspended, or hangs.
///
/// At rest it costs nothing. What is answered at once makes it look, once, after a while; only where nothing was heard by then, a question is
/// asked. The keeper's own sleep is not blamed on the logger: what came meanwhile is read before anything is looked at.
struct LoggerWatch {
    /// What is to be done.
    enum Finding: Equatable {
        /// Ask something that every logger answers at once.
        case ask
        /// It does not answer.
        case silent
    }

    /// How long the logger has after a request, and then again after the question, in ms.
    let patience: Int64
    /// When to look, CLOCK_MONOTONIC in ms; nil while nothing is awaited.
    private(set) var due: Int64?
    private var hasAsked = false

    init(patience: Int64 = 5000) { self.patience = patience }

    /// Something was sent that is answered at once.
    mutating func asked(at now: Int64) { if due == nil { due = now + patience } }

    /// Something came, or the logger is another one.
    mutating func heard() { (due, hasAsked) = (nil, false) }

    mutating func look(at now: Int64) -> Finding? {
        guard let due, due <= now else { return nil }
        guard !hasAsked else {
            heard()
            return .silent
        }
        (self.due, hasAsked) = (now + patience, true)
        return .ask
    }
}
