import Testing
import XPMStore

@Suite struct EventLogTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test func pagesAreAscendingAndLimited() throws {
        let store = try Store(folder: scratch.state)
        try store.commit((1...10).map { Sample.event($0) })
        #expect(try store.events(after: 0, limit: 3).map(\.sequence) == [1, 2, 3])
        #expect(try store.events(after: 8, limit: 3).map(\.sequence) == [9, 10])
        #expect(try store.events(after: 10, limit: 3).isEmpty)
        #expect(try store.events(after: 0, limit: 0).isEmpty)
        #expect(try store.events(after: 4, limit: 1) == [StoredEvent(sequence: 5, body: [5, 5, 5, 5, 5, 5, 5, 5])])
        store.close()
    }

    @Test func emptyBodyIsKept() throws {
        let store = try Store(folder: scratch.state)
        try store.commit([.event(sequence: 1, body: [])])
        #expect(try store.events(after: 0) == [StoredEvent(sequence: 1, body: [])])
        store.close()
    }

    @Test func pageEndsAtOneMebibyteButIsNeverEmpty() throws {
        let store = try Store(folder: scratch.state)
        try store.commit((1...5).map { Sample.event($0, bytes: 400_000) } + [Sample.event(6, bytes: 3_000_000)])
        #expect(try store.events(after: 0).map(\.sequence) == [1, 2])
        #expect(try store.events(after: 4).map(\.sequence) == [5])
        #expect(try store.events(after: 5).map(\.sequence) == [6])
        store.close()
    }

    @Test func oldEventsGoAndTheLimitStays() throws {
        let limit: Int64 = 300
        let store = try Store(folder: scratch.state, eventLimit: Int(limit))
        for start in stride(from: Int64(1), through: 1951, by: 50) {
            try store.commit((start..<start + 50).map { Sample.event($0) })
            let contents = try store.load()
            let stored = contents.lastSequence - contents.firstSequence + 1
            #expect(stored >= min(limit, contents.lastSequence))
            #expect(stored < limit + 256 + 50)
        }
        let sequences = try store.allSequences()
        #expect(sequences == Array(sequences[0]...2000))
        #expect(try store.load().firstSequence == sequences.first)
        store.close()
    }

    @Test func sequenceIsNeverReusedEvenAfterTrimming() throws {
        let store = try Store(folder: scratch.state, eventLimit: 1)
        for sequence in Int64(1)...20 { try store.commit([Sample.event(sequence)]) }
        store.close()
        let reopened = try Store(folder: scratch.state, eventLimit: 1)
        #expect(try reopened.load().lastSequence == 20)
        #expect(try reopened.allSequences() == [20])
        #expect(throws: StoreError.failed(path: scratch.database, cause: "event 20 comes after event 20")) {
            try reopened.commit([Sample.event(20)])
        }
        #expect(throws: StoreError.self) { try reopened.commit([Sample.event(3)]) }
        try reopened.commit([Sample.event(21)])
        #expect(try reopened.load().lastSequence == 21)
        reopened.close()
    }

    @Test func loweredLimitIsReachedOverTheNextCommits() throws {
        let store = try Store(folder: scratch.state)
        try store.commit((1...2000).map { Sample.event($0) })
        store.close()
        let smaller = try Store(folder: scratch.state, eventLimit: 10)
        for sequence in Int64(2001)...2020 { try smaller.commit([Sample.event(sequence)]) }
        #expect(try smaller.allSequences().count < 20)
        #expect(try smaller.load().lastSequence == 2020)
        smaller.close()
    }
}
