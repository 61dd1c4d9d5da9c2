import XPMStore

extension Store {
    /// Commits and waits until it is on the disk.
    func commit(_ changes: [Change]) throws {
        let answer = Answer<Result<Void, StoreError>>()
        commit(changes) { answer.give($0) }
        try answer.wait(for: "end of a commit").get()
    }

    /// Reads a page of events and waits for it.
    func events(after: Int64, limit: Int = 1_000_000) throws -> [StoredEvent] {
        let answer = Answer<Result<[StoredEvent], StoreError>>()
        events(after: after, limit: limit) { answer.give($0) }
        return try answer.wait(for: "page of events").get()
    }

    /// The sequence numbers of all events, page by page.
    func allSequences() throws -> [Int64] {
        var all: [Int64] = []
        while case let page = try events(after: all.last ?? 0, limit: 500), !page.isEmpty {
            all += page.map(\.sequence)
        }
        return all
    }
}

/// Rows that differ by their keys.
enum Sample {
    static func experiment(_ key: Int64, status: String = "open") -> ExperimentRow {
        ExperimentRow(
            key: key, workspace: "/data space/é", name: "experiment \(key)", run: "20261122_101500", mode: "NORMAL",
            status: status, openedAt: 1_795_342_500_000 + key, closedAt: status == "open" ? nil : 7,
            details: key % 2 == 0 ? "{}" : #"{"isHeld":true}"#)
    }

    static func service(_ key: Int64, of experiment: Int64, runtime: String = #"{"state":"STOPPED"}"#) -> ServiceRow {
        ServiceRow(
            key: key, experiment: experiment, id: "monitoring/s\(key)", description: "", definition: #"{"run":{}}"#,
            wanted: key % 2 == 0, runtime: runtime)
    }

    static func event(_ sequence: Int64, owner: Int64 = 0, bytes: Int = 8) -> Change {
        .event(
            sequence: sequence, owner: owner,
            body: [UInt8](repeating: UInt8(truncatingIfNeeded: sequence), count: bytes))
    }
}
