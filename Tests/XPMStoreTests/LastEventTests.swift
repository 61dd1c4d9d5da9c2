import Testing
import XPMStore

/// The log read from its end.
@Suite struct LastEventTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func last(
        _ store: Store, after: Int64 = 0, upTo: Int64 = .max, owner: Int64? = nil, limit: Int
    ) throws -> String {
        let answer = Answer<Result<StoredPage, StoreError>>()
        store.lastEvents(after: after, upTo: upTo, owner: owner, limit: limit) { answer.give($0) }
        let page = try answer.wait(for: "page of events").get()
        return page.events.map { "\($0.sequence)" }.joined(separator: " ") + (page.hasMore ? " after others" : "")
    }

    @Test func pagesGoBackwardsAndAreAscending() throws {
        let store = try Store(folder: scratch.state)
        try store.commit((1...10).map { Sample.event($0) })
        #expect(try last(store, limit: 3) == "8 9 10 after others")
        #expect(try last(store, upTo: 7, limit: 3) == "5 6 7 after others")
        #expect(try last(store, upTo: 3, limit: 3) == "1 2 3")
        #expect(try last(store, after: 8, limit: 3) == "9 10")
        #expect(try last(store, after: 10, limit: 3) == "")
        store.close()
    }

    @Test func thoseOfOneOwnerAreFoundAmongOthers() throws {
        let store = try Store(folder: scratch.state)
        try store.commit((1...100).map { Sample.event($0, owner: $0 % 10) })
        #expect(try last(store, owner: 3, limit: 2) == "83 93 after others")
        #expect(try last(store, upTo: 82, owner: 3, limit: 100) == "3 13 23 33 43 53 63 73")
        #expect(try last(store, after: 60, owner: 3, limit: 100) == "63 73 83 93")
        #expect(try last(store, owner: 11, limit: 1) == "")
        store.close()
    }

    @Test func pageEndsAtOneMebibyteButIsNeverEmpty() throws {
        let store = try Store(folder: scratch.state)
        try store.commit([Sample.event(1, bytes: 3_000_000)] + (2...5).map { Sample.event($0, bytes: 400_000) })
        #expect(try last(store, limit: 10) == "4 5 after others")
        #expect(try last(store, upTo: 2, limit: 10) == "2 after others")
        #expect(try last(store, upTo: 1, limit: 10) == "1")
        store.close()
    }
}
