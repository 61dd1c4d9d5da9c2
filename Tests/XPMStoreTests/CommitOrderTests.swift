import Dispatch
import Synchronization
import Testing
import XPMStore

@Suite struct CommitOrderTests {
    let scratch: ScratchFolder
    let store: Store

    init() throws {
        scratch = try ScratchFolder()
        store = try Store(folder: scratch.state)
    }

    @Test func commitsAreAcknowledgedInOrderAndThenReadable() throws {
        let count: Int64 = 500
        let acknowledged = Mutex<[Int64]>([])
        let pages = Mutex<[Int64: Int64]>([:])
        let last = Answer<Void>()
        for sequence in 1...count {
            store.commit([Sample.event(sequence)]) { _ in
                acknowledged.withLock { $0.append(sequence) }
                store.events(after: sequence - 1, limit: 1) { page in
                    let isLast = pages.withLock { pages in
                        pages[sequence] = (try? page.get().first?.sequence) ?? 0
                        return pages.count == count
                    }
                    if isLast { last.give(()) }
                }
            }
        }
        try last.wait(for: "answer to the last of \(count) commits")
        #expect(acknowledged.withLock { $0 } == Array(1...count))
        #expect(pages.withLock { $0 } == Dictionary(uniqueKeysWithValues: (1...count).map { ($0, $0) }))
    }

    @Test func badCommitInAFloodFailsAlone() throws {
        let outcomes = Mutex<[Bool]>([])
        let last = Answer<Void>()
        for key in Int64(1)...300 {
            let bad = key % 100 == 50
            let change =
                bad ? Change.updateService(key: key, wanted: true, runtime: "") : .putExperiment(Sample.experiment(key))
            store.commit([.lastAttempt(UInt64(bad ? 1000 + key : key)), change]) { outcome in
                let count = outcomes.withLock { outcomes in
                    if case .success = outcome { outcomes.append(true) } else { outcomes.append(false) }
                    return outcomes.count
                }
                if count == 300 { last.give(()) }
            }
        }
        try last.wait(for: "outcome of 300 commits")
        #expect(outcomes.withLock { $0 } == (1...300).map { $0 % 100 != 50 })
        #expect(try store.load().experiments.count == 297)
        #expect(try store.load().lastAttempt == 300)
    }

    @Test func commitsFromManyThreadsAllTakeEffect() throws {
        let remaining = Mutex(8 * 250)
        let last = Answer<Void>()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<250 {
                let key = Int64(thread * 1000 + number + 1)
                store.commit([
                    .putExperiment(Sample.experiment(key)), .putService(Sample.service(key + 100_000, of: key)),
                ]) {
                    outcome in
                    guard case .success = outcome else { return }
                    let left = remaining.withLock { left in
                        left -= 1
                        return left
                    }
                    if left == 0 { last.give(()) }
                }
            }
        }
        try last.wait(for: "success of 2000 commits")
        let contents = try store.load()
        #expect(contents.experiments.count == 2000)
        #expect(contents.services.count == 2000)
        #expect(contents.lastKey == 107_250)
    }

    @Test func closeFinishesWhatWasAskedAndRefusesTheRest() throws {
        let outcomes = Mutex<[Bool]>([])
        for sequence in Int64(1)...100 {
            store.commit([Sample.event(sequence)]) { outcome in
                if case .success = outcome { outcomes.withLock { $0.append(true) } }
            }
        }
        store.close()
        store.close()
        #expect(outcomes.withLock(\.count) == 100)
        let closed = StoreError.failed(path: scratch.database, cause: "it is closed")
        #expect(throws: closed) { try store.commit([Sample.event(101)]) }
        #expect(throws: closed) { try store.events(after: 0) }
        #expect(throws: closed) { try store.load() }
    }
}
