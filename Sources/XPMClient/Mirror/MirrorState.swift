import XPMProtocol

/// What a mirror knows and is still to ask, without the connection that it asks on.
///
/// Each connection begins with a subscription, and then everything is listed. Events tell what has changed, and the records of what they
/// name are asked for, for no event has all of a record. Answers and events may come in any order:
/// - records of a service are ordered by `revision`, equal ones by when they were asked for;
/// - what an answer says of a service that was added or removed after the question counts for nothing (`Doubts`): it is asked for again;
/// - what a list does not have is removed, unless it was added or removed after the question;
/// - after lost events everything is listed again.
struct MirrorState: Sendable {
    /// How many questions are open at once.
    static let mostOpen = 32

    let selection: MirrorSelection
    var model = MirrorModel()
    var pending = PendingChanges()

    /// Numbers questions, additions and removals in the order in which they were noticed.
    var moment: Int64 = 0
    /// The last place that was given.
    var place: Int64 = 0
    /// The questions that are not answered, by when they were asked.
    var open: [Int64: MirrorQuestion] = [:]
    var doubts = Doubts()
    var wanted = Wanted()
    var wantedRuns = WantedRuns()
    var listing: Listing?
    /// The number of the last event; nil until a subscription has told.
    var lastEvent: Int64?
    var knowledge: [ServiceIdentity: Knowledge] = [:]
    /// When the runs of an experiment were asked for that are shown.
    var runsAsked: [ExperimentIdentity: Int64] = [:]
    var dependencies = DependentIndex()
    /// Those that were added, of which it is not known yet in whose records they are dependents.
    var newcomers: Set<ServiceIdentity> = []

    /// How much is known of a service; nothing of those that only an earlier connection has told of, whose revisions a crash may have
    /// taken back.
    struct Knowledge: Sendable {
        var revision: Int64?
        /// When the record was asked for.
        var asked: Int64
        /// Whether an event has changed a part of the record since.
        var isPartial = false
    }

    /// A list of everything on its way.
    struct Listing: Sendable {
        /// Where the next page begins; nil for the first.
        var cursor: Int64?
        var isPageOpen = false
        /// When the first page was asked for.
        var began: Int64?
        var isComplete = false
        /// The services on its pages so far, in order.
        var services: [ServiceIdentity] = []
        /// When the runs were asked for.
        var runsAsked: Int64?
        var hasRuns = false
    }

    init(selection: MirrorSelection) { self.selection = selection }

    // MARK: The connection

    /// A connection was made, and subscribed to all events after `last`.
    mutating func subscribed(last: Int64) { begin(after: last) }

    /// Events up to `last` were lost. What was to be known by then is not: a composite, say, has a smaller revision without its newest part.
    mutating func missed(upTo last: Int64) {
        begin(after: last)
        set(.reconnecting(reason: "some events are no longer in xpmd's log; everything is listed again"))
    }

    /// Whatever is shown is a draft from now on, until it is listed; answers to what was asked before count for nothing.
    private mutating func begin(after last: Int64) {
        forgetQuestions()
        knowledge = [:]
        runsAsked = [:]
        lastEvent = last
        listing = Listing()
    }

    /// The connection was lost, or could not be made.
    mutating func lost(_ reason: String) {
        forgetQuestions()
        set(.reconnecting(reason: reason))
    }

    private mutating func forgetQuestions() {
        open = [:]
        (listing, lastEvent) = (nil, nil)
        (doubts, wanted, wantedRuns, newcomers) = (Doubts(), Wanted(), WantedRuns(), [])
    }

    mutating func set(_ connection: MirrorConnection) {
        guard model.connection != connection else { return }
        model.apply(.connectionChanged(connection))
        pending.noteConnection()
    }

    /// All that has changed since it was taken last.
    mutating func takeChanges() -> [MirrorChange] { pending.take(model) }
}
