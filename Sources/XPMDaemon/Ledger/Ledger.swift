import Logging
import NIOCore
import XPMControl
import XPMProtocol
import XPMStore

/// The order of things: a decision is written, and only when it is durable are its effects carried out, its request
/// answered and its events published.
///
/// Decisions that come while a commit is under way form the next one, so that a thousand cost little more than one.
final class Ledger {
    /// What happens to an entry that cannot be saved.
    enum Policy {
        /// It is dropped, and whoever decided it takes it back.
        case refusable
        /// It happened whether it can be saved or not: its effects are carried out at once and it is saved as soon as there is room.
        case kept
    }

    private struct Entry {
        var changes: [Change]
        var events: [LedgerEvent]
        var policy: Policy
        var done: ((StoreError?) -> Void)?
    }

    /// How long to wait before saving is tried again; only while something waits to be saved.
    private static let retryDelay = TimeAmount.seconds(1)

    private let store: Store
    private let loop: any EventLoop
    private let logger: Logger
    private var waiting: [Entry] = []
    private var committing = false
    private var commitScheduled = false
    private var retry: Scheduled<Void>?
    private var drained: [() -> Void] = []

    /// The newest event that is durable.
    private(set) var lastSequence: Int64
    /// Why changes cannot be saved just now.
    private(set) var fault: StoreError?
    /// What was done about files that were lost, for people; nil where nothing was.
    private(set) var note: String?
    /// The files are lost, and are written anew with the next commit.
    private var isLost = false
    /// All that is to be on record, including what waits to be saved.
    var contents: () -> Contents = { Contents() }
    /// Called once the files were written anew.
    var rewritten: () -> Void = {}
    /// Told of each event once it is durable.
    var publish: ([FeedItem]) -> Void = { _ in }
    /// Where what follows a commit is done in slices, for hundreds of decisions may have been saved; without one all at once.
    var rotation: Rotation?

    init(store: Store, loop: any EventLoop, lastSequence: Int64, logger: Logger) {
        self.store = store
        self.loop = loop
        self.lastSequence = lastSequence
        self.logger = logger
        note = store.openingNote
        if let note { logger.error("\(note)") }
    }

    /// Saves a decision; `done` is called when it is durable (nil) or could not be saved.
    func append(
        _ changes: [Change], events: [LedgerEvent] = [], policy: Policy,
        done: @escaping (StoreError?) -> Void = { _ in }
    ) {
        waiting.append(Entry(changes: changes, events: events, policy: policy, done: done))
        scheduleCommit()
    }

    /// Takes back what is to be saved of a service that itself could not be.
    func forget(service key: Int64) {
        for index in waiting.indices {
            waiting[index].changes.removeAll { $0.concerns(service: key) }
        }
    }

    /// Calls back once nothing waits to be saved, or it cannot be.
    func whenDrained(_ then: @escaping () -> Void) {
        if committing || (!waiting.isEmpty && fault == nil) { drained.append(then) } else { then() }
    }

    /// Looks whether the database's files are still there. A loss is mended by writing them anew.
    func check() {
        let promise = loop.makePromise(of: Result<Void, StoreError>.self)
        store.check { promise.succeed($0) }
        promise.futureResult.assumeIsolated().whenSuccess { [self] result in
            switch result {
            case .success: if !isLost, waiting.isEmpty { fault = nil }
            case .failure(let error) where error.isLoss && !committing:
                lose(error)
                scheduleCommit()
            // What else is wrong is told by the commit that meets it.
            case .failure: break
            }
        }
    }

    /// Nothing that is on record may be there any more: everything is to be saved again.
    private func lose(_ error: StoreError) {
        guard !isLost else { return }
        logger.error("\(error)")
        (isLost, fault) = (true, error)
    }

    /// At the end of this turn of the loop, so that all that one reading of a socket decided is one commit.
    private func scheduleCommit() {
        guard !committing, !commitScheduled else { return }
        commitScheduled = true
        loop.assumeIsolated().execute { [self] in
            commitScheduled = false
            commit()
        }
    }

    private func commit() {
        guard !committing, !waiting.isEmpty || isLost else { return }
        committing = true
        retry?.cancel()
        retry = nil
        let batch = waiting
        waiting = []
        // Numbered only now: what could not be saved leaves no hole in the log.
        let events = batch.flatMap(\.events)
        let items = number(events)
        // What is in memory has all the rows already, those of later decisions included.
        let changes = batch.flatMap(\.changes).filter { !isLost || $0.isMark }
        let bodies = zip(items, events).map {
            Change.event(sequence: $0.sequence, owner: $1.owner, body: Array($0.payload))
        }
        let promise = loop.makePromise(of: Result<Void, StoreError>.self)
        if isLost {
            store.rewrite(contents(), then: changes + bodies) { promise.succeed($0) }
        } else {
            store.commit(changes + bodies) { promise.succeed($0) }
        }
        promise.futureResult.assumeIsolated().whenSuccess { [self] result in
            switch result {
            case .success: saved(batch, items)
            case .failure(let error) where error.isLoss && !isLost:
                committing = false
                // Nobody needs to know of it but by what is told below: it is tried again with everything.
                lose(error)
                waiting = batch + waiting
                scheduleCommit()
            case .failure(let error):
                committing = false
                notSaved(batch, error)
                goOn()
            }
        }
    }

    /// A commit is over, with all that follows from it.
    private func goOn() {
        if fault == nil, !waiting.isEmpty { scheduleCommit() }
        if waiting.isEmpty || fault != nil {
            let callbacks = drained
            drained = []
            callbacks.forEach { $0() }
        }
    }

    private func number(_ events: [LedgerEvent]) -> [FeedItem] {
        var sequence = lastSequence
        return events.map { event in
            sequence += 1
            var event = event.record
            event.sequence = sequence
            do {
                return FeedItem(sequence: sequence, payload: try Wire.encode(EventNotification(event)))
            } catch {
                // An event has no numbers but integers and no text but valid Unicode.
                preconditionFailure("cannot encode event \(sequence): \(error)")
            }
        }
    }

    private func saved(_ batch: [Entry], _ items: [FeedItem]) {
        if isLost {
            let now = Timestamp.now
            note =
                if case .lost(let path, let cause)? = fault {
                    "\(path) was rebuilt at \(now), without older events: \(cause)"
                } else {
                    "the database was lost, and rebuilt at \(now) without older events"
                }
            logger.notice("rebuilt the database from memory; older events are lost")
            isLost = false
            rewritten()
        } else if fault != nil {
            logger.notice("changes can be saved again")
        }
        fault = nil
        lastSequence = items.last?.sequence ?? lastSequence
        let finish = { [self] in
            committing = false
            publish(items)
            goOn()
        }
        if let rotation {
            rotation.forEach(batch, { $0.done?(nil) }, then: finish)
        } else {
            for entry in batch { entry.done?(nil) }
            finish()
        }
    }

    private func notSaved(_ batch: [Entry], _ error: StoreError) {
        if fault == nil { logger.error("\(error)") }
        fault = error
        let kept = batch.filter { $0.policy == .kept }
        waiting = kept.map { Entry(changes: $0.changes, events: $0.events, policy: .kept, done: nil) } + waiting
        for entry in batch.reversed() where entry.policy == .refusable { entry.done?(error) }
        for entry in kept { entry.done?(error) }
        guard !waiting.isEmpty || isLost else {
            fault = nil
            return
        }
        retry = loop.assumeIsolated().scheduleTask(in: Self.retryDelay) { [self] in commit() }
    }
}

extension StoreError {
    /// Whether the database's files are no longer what was opened.
    fileprivate var isLoss: Bool {
        switch self {
        case .lost, .replaced: true
        case .full, .failed, .corrupt, .newer, .unusableFolder, .inUse, .heldElsewhere: false
        }
    }
}

extension Change {
    /// Whether it is no row.
    fileprivate var isMark: Bool { if case .lastAttempt = self { true } else { false } }

    fileprivate func concerns(service: Int64) -> Bool {
        switch self {
        case .updateService(let key, _, _), .removeService(let key): key == service
        case .putService(let row): row.key == service
        case .putExperiment, .removeExperiment, .putWorkspace, .removeWorkspace, .putSighting, .removeSighting, .event,
            .lastAttempt:
            false
        }
    }
}
