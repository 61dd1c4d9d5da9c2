import XPMProtocol

/// What is asked, and in which order.
extension MirrorState {
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

    /// Whether so many services are to be asked for that they are rather listed, as when a workspace is found: a list has no definitions,
    /// which may be large. An event so costs eight records of a list at most.
    private var isListCheaper: Bool { wanted.count > max(256, model.serviceCount / 8) }

    /// Whether the answer must have the definition, too: of a service that was added it tells in whose records it is a dependent.
    func needsDefinition(_ question: MirrorQuestion) -> Bool {
        if case .service(let service) = question { newcomers.contains(service) } else { false }
    }

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
}
