import Logging
import NIOCore
import NIOPosix
import XPMControl
import XPMProtocol
import XPMStore

@testable import XPMDaemon

/// A ledger on an event loop of its own, over a real store.
final class LedgerFixture {
    let store: Store
    /// What was done and published.
    let record: Record
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let ledger: NIOLoopBound<Ledger>
    /// The ledger's loop.
    var loop: any EventLoop { group.next() }

    init(folder: String) throws {
        let store = try Store(folder: folder)
        self.store = store
        let loop = group.next()
        let record = Record(loop: loop)
        self.record = record
        ledger = try loop.submit {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let last = try store.load().lastSequence
            let ledger = Ledger(store: store, loop: loop, lastSequence: last, logger: logger)
            ledger.publish = { items in record.note("published \(items.map(\.sequence))") }
            return NIOLoopBound(ledger, eventLoop: loop)
        }.wait()
    }

    deinit {
        store.close()
        try? group.syncShutdownGracefully()
    }

    /// Runs `body` in one turn of the loop.
    @discardableResult
    func turn<Value: Sendable>(_ body: @escaping @Sendable (Ledger) throws -> Value) throws -> Value {
        try group.next().submit { [ledger] in try body(ledger.value) }.awaited("a turn of the loop")
    }

    /// Waits until nothing is to be saved, or cannot be.
    func drain() throws {
        let promise = group.next().makePromise(of: Void.self)
        try turn { $0.whenDrained { promise.succeed() } }
        try promise.futureResult.awaited("the ledger to be drained")
    }

    /// Every event of the log.
    func logged() throws -> [EventRecord] {
        let promise = group.next().makePromise(of: Result<[StoredEvent], StoreError>.self)
        store.events(after: 0, limit: 10_000) { promise.succeed($0) }
        return try promise.futureResult.awaited("the events").get()
            .map { try Wire.decode(EventNotification.self, from: $0.body).params }
    }
}

extension Ledger {
    /// Saves an experiment with an event, and notes how that went.
    func append(
        _ name: String, key: Int64, policy: Policy, bytes: Int = 0, record: Record,
        then: @escaping () -> Void = {}
    ) {
        let row = ExperimentRow(
            key: key, workspace: "/w" + String(repeating: "x", count: bytes), name: name, run: "r", mode: "NORMAL",
            status: "open", openedAt: 0)
        var event = LedgerEvent(.experimentOpened, owner: key)
        event.experiment = name
        append([.putExperiment(row)], events: [event], policy: policy) { error in
            let outcome =
                switch error {
                case nil: "saved"
                case .full?: "full"
                case let other?: "\(other)"
                }
            record.note("\(name) \(outcome)")
            then()
        }
    }
}
