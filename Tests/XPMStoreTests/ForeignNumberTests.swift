import GRDB
import Testing

@testable import XPMStore

/// A database whose numbers xpmd has not written.
@Suite struct ForeignNumberTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func edit(_ sql: String) throws {
        let database = try DatabaseQueue(path: scratch.state + "/xpmd.sqlite")
        try database.write { try $0.execute(sql: sql) }
        try database.close()
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "-1"])
    func marksOfAnySizeLeaveRoomForMore(number: String) throws {
        try Store(folder: scratch.state).close()
        try edit("UPDATE state SET lastKey = \(number), lastSequence = \(number), lastAttempt = \(number)")
        let store = try Store(folder: scratch.state, eventLimit: 1)
        defer { store.close() }
        let contents = try store.load()
        #expect(contents.lastKey >= 0 && contents.lastSequence >= 0 && contents.lastAttempt < 1 << 63)
        let next = contents.lastSequence + 1
        try store.commit([
            Sample.event(next), .lastAttempt(contents.lastAttempt + 1),
            .putExperiment(Sample.experiment(contents.lastKey + 1)),
        ])
        let after = try store.load()
        #expect(after.lastSequence == next && after.lastAttempt == contents.lastAttempt + 1)
        #expect(after.lastKey == contents.lastKey + 1)
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "0"])
    func eventOfAnyNumberIsNoneToCountBy(number: String) throws {
        try Store(folder: scratch.state).close()
        try edit("INSERT INTO event (sequence, body) VALUES (\(number), x'00')")
        let store = try Store(folder: scratch.state, eventLimit: 1)
        defer { store.close() }
        for sequence in Int64(1)...300 { try store.commit([Sample.event(sequence)]) }
        #expect(try store.load().lastSequence == 300)
        #expect(try store.events(after: 299).first?.sequence == 300)
    }
}
