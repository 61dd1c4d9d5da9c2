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
    private(set) var model = MirrorModel()
    var pending = PendingChanges()

    /// Numbers questions, additions and removals in the order in which they were noticed.
    private var moment: Int64 = 0
    /// The last place that was given.
    private var place: Int64 = 0
    /// The questions that are not answered, by when they were asked.
    private(set) var open: [Int64: MirrorQuestion] = [:]
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
        /// Whether events were lost since it began.
        var isOutdated = false
    }

    init(selection: MirrorSelection) { self.selection = selection }

    // MARK: The connection

    /// A connection was made, and subscribed to all events after `last`.
    mutating func subscribed(last: Int64) {
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

    // MARK: Questions

    /// The next question, and the moment to answer it with; nil where there is nothing to ask now.
    mutating func nextQuestion() -> (moment: Int64, question: MirrorQuestion)? {
        guard lastEvent != nil, open.count < Self.mostOpen, let question = chooseQuestion() else { return nil }
        moment += 1
        open[moment] = question
        switch question {
        case .services: if listing?.began == nil { listing?.began = moment }
        case .runs(of: nil): if listing?.runsAsked == nil { listing?.runsAsked = moment }
        case .runs, .service: break
        }
        return (moment, question)
    }

    private mutating func chooseQuestion() -> MirrorQuestion? {
        if listing == nil, isListCheaper { listing = Listing() }
        if let list = listing {
            if list.runsAsked == nil {
                wantedRuns.removeAll()
                return .runs(of: nil)
            }
            if !list.isComplete, !list.isPageOpen {
                if list.began == nil { (wanted, newcomers) = (Wanted(), []) }
                listing?.isPageOpen = true
                return .services(cursor: list.cursor)
            }
        }
        // One at a time, for an experiment may have thousands, each of which is an event when they are found.
        if !open.values.contains(where: \.isAboutRuns), let owner = wantedRuns.next() { return .runs(of: owner) }
        return wanted.next { [knowledge] service, revision in
            guard let known = knowledge[service], !known.isPartial, let has = known.revision else { return false }
            return has >= revision
        }.map { .service($0) }
    }

    /// Whether so many services are to be asked for that a list costs less: a record of a list costs a tenth of one that is asked for
    /// alone. So an event costs a few records at most.
    private var isListCheaper: Bool { wanted.count > max(256, model.serviceCount / 8) }

    /// The answer to a question has come.
    mutating func take(_ answer: MirrorAnswer, askedAt moment: Int64) {
        guard let question = open.removeValue(forKey: moment) else { return }
        switch (question, answer) {
        case (.services, .services(let page)): take(page, askedAt: moment)
        case (.runs(let owner), .runs(let records)): take(records, of: owner, askedAt: moment)
        case (.service(let service), .service(let reply)): take(reply, of: service, askedAt: moment)
        case (.services, _), (.runs, _), (.service, _): break
        }
        finishListing()
        forgetDoubts()
    }

    private mutating func forgetDoubts() {
        doubts.forget(before: (Array(open.keys) + [listing?.began].compactMap(\.self)).min())
    }

    /// What is said of a service by answers that are on their way counts for nothing.
    mutating func doubt(_ service: ServiceIdentity) {
        moment += 1
        if !open.isEmpty || listing?.began != nil { doubts.note(service, at: moment) }
    }

    // MARK: What is known

    mutating func nextPlace() -> Int64 {
        place += 1
        return place
    }

    /// Shows a service as it is now.
    mutating func show(_ record: ServiceRecord) {
        var record = record
        let identity = record.identity
        // The record of the run is asked for when that changes; one of the service on its way may be older.
        if let run = model.nodes[identity.run]?.run { record.isGone = run.record.isGone }
        let before = model[identity]
        let service = MirroredService(record, place: before?.place ?? nextPlace())
        guard service != before else { return }
        dependencies.change(of: identity, from: before?.record.dependents ?? [], to: record.dependents)
        model.put(service)
        pending.note(identity, wasThere: before != nil, isThere: true)
        if before == nil { noteCount(of: identity.run) }
    }

    /// A service is no more.
    mutating func drop(_ identity: ServiceIdentity) {
        knowledge[identity] = nil
        guard let before = model[identity] else { return }
        dependencies.change(of: identity, from: before.record.dependents, to: [])
        model.removeService(identity)
        pending.note(identity, wasThere: true, isThere: false)
        noteCount(of: identity.run)
        // With its last service a run that is gone is forgotten, of which there is no event.
        if model.nodes[identity.run]?.services.isEmpty ?? true { wantedRuns.insert(identity.run.owner) }
    }

    /// The record of a run tells how many services it has.
    private mutating func noteCount(of run: RunIdentity) {
        if model.nodes[run]?.run != nil { pending.note(run, wasThere: true, isThere: true) }
    }

    mutating func show(_ run: MirroredRun) {
        let identity = run.record.identity
        let before = model.nodes[identity]?.run
        guard run != before else { return }
        model.put(run)
        pending.note(identity, wasThere: before != nil, isThere: true)
        guard run.record.isGone != before?.record.isGone else { return }
        for service in model.services(of: identity) { show(service.record) }
    }

    mutating func drop(_ run: RunIdentity) {
        guard model.nodes[run]?.run != nil else { return }
        model.removeRun(run)
        pending.note(run, wasThere: true, isThere: false)
    }

    /// Gives a service another place.
    mutating func move(_ service: MirroredService) {
        model.put(MirroredService(service.record, place: nextPlace()))
        pending.note(service.identity, wasThere: true, isThere: true)
    }

    /// All that has changed since it was taken last.
    mutating func takeChanges() -> [MirrorChange] { pending.take(model) }
}
