import Testing

@testable import XPMKeeping

struct AttemptTableTests {
    private func attempt(_ number: UInt64, pid: Int32, isChild: Bool = true) -> Attempt {
        Attempt(
            number: number, pid: pid, startTime: 1, marker: ArraySlice("XPM_ATTEMPT=\(number)".utf8),
            isChild: isChild, ownsNumber: true)
    }

    private func process(_ pid: Int32, group: Int32, session: Int32) throws -> ProcessStat {
        let line = "\(pid) (x) S 1 \(group) \(session) 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 5 "
        return try #require(ProcessStat(line: Array(line.utf8)))
    }

    @Test func acknowledgedBeforeEmptyIsForgottenWhenEmpty() {
        var table = AttemptTable()
        _ = table.began(attempt(1, pid: 10))
        _ = table.reaped(10, .code(0), atMilliseconds: 5)
        table.acknowledged(1)
        #expect(!table.isEmpty)
        #expect(table.emptied(1) == [.emptied(attempt: 1)])
        #expect(table.isEmpty)
    }

    @Test func runningAttemptCanNotBeAcknowledged() {
        var table = AttemptTable()
        _ = table.began(attempt(1, pid: 10))
        table.acknowledged(1)
        _ = table.reaped(10, .code(0), atMilliseconds: 5)
        _ = table.emptied(1)
        #expect(table.snapshot.map(\.attempt) == [1])
    }

    @Test func eachEndIsSaidOnce() {
        var table = AttemptTable()
        _ = table.began(attempt(1, pid: 10))
        #expect(table.emptied(1).isEmpty)
        #expect(table.reaped(10, .code(3), atMilliseconds: 5) == [.exited(attempt: 1, .code(3), atMilliseconds: 5)])
        #expect(table.reaped(10, .code(4), atMilliseconds: 6).isEmpty)
        #expect(table.emptied(1) == [.emptied(attempt: 1)])
        #expect(table.emptied(1).isEmpty)
        #expect(
            table.known(of: 1) == [
                .spawned(attempt: 1, pid: 10, startTime: 1), .exited(attempt: 1, .code(3), atMilliseconds: 5),
                .emptied(attempt: 1),
            ])
    }

    @Test func strangersDeathSaysNothing() {
        var table = AttemptTable()
        #expect(table.reaped(99, .code(0), atMilliseconds: 5).isEmpty)
    }

    @Test func markerOutweighsGroupAndSession() throws {
        var table = AttemptTable()
        _ = table.began(attempt(1, pid: 10))
        _ = table.began(attempt(2, pid: 20))
        let process = try process(30, group: 10, session: 10)
        #expect(table.owner(of: process, environment: [ArraySlice("XPM_ATTEMPT=2".utf8)]) == 2)
        #expect(table.owner(of: process, environment: [ArraySlice("XPM_ATTEMPT=22".utf8)]) == 1)
        #expect(table.owner(of: process, environment: []) == 1)
    }

    @Test func reusedNumberBelongsToTheLivingOne() throws {
        var table = AttemptTable()
        _ = table.began(attempt(1, pid: 10))
        _ = table.reaped(10, .code(0), atMilliseconds: 5)
        _ = table.began(attempt(2, pid: 10))
        #expect(table.owner(of: try process(30, group: 10, session: 10), environment: []) == 2)
        _ = table.reaped(10, .code(0), atMilliseconds: 6)
        _ = table.emptied(2)
        #expect(table.owner(of: try process(30, group: 10, session: 10), environment: []) == 1)
    }

    @Test func emptyAttemptOwnsNothing() throws {
        var table = AttemptTable()
        _ = table.began(attempt(1, pid: 10))
        _ = table.reaped(10, .code(0), atMilliseconds: 5)
        _ = table.emptied(1)
        let process = try process(30, group: 10, session: 10)
        #expect(table.owner(of: process, environment: [ArraySlice("XPM_ATTEMPT=1".utf8)]) == nil)
    }

    @Test func lostNumberLeavesTheMarker() throws {
        var table = AttemptTable()
        _ = table.began(attempt(1, pid: 10, isChild: false))
        table.lostNumber(1)
        let process = try process(30, group: 10, session: 10)
        #expect(table.owner(of: process, environment: []) == nil)
        #expect(table.owner(of: process, environment: [ArraySlice("XPM_ATTEMPT=1".utf8)]) == 1)
    }
}
