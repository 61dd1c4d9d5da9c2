import Glibc
import Testing
import XPMLogs

@testable import XPMKeeping

/// More streams than the logger can read at a time.
struct RefusedStreamTests {
    @Test func streamsThatTheLoggerHasNoRoomForWaitAndLoseNothing() throws {
        try withKeeper { keeper in
            let client = try keeper.connect()
            _ = try client.greet(version: 5)
            let first = try Tidings(keeper.folder.path + "/first")
            _ = try client.spawn(keeper.piped(1, "echo line 1; exec <> first; read x", log: "log1"))
            try client.settle(1)
            let logger = try #require(keeper.loggerPID)
            #expect(shell("prlimit --pid \(logger) --nofile=80:80") == 0)
            let all: ClosedRange<UInt64> = 1...20
            // Each has ended before it is read, or while it is.
            for attempt in 2...all.upperBound {
                let script = "echo line \(attempt); exec <> first; read x"
                _ = try client.spawn(keeper.piped(attempt, script, log: "log\(attempt)"))
            }
            let told = try client.next { if case .logged = $0 { true } else { false } }
            guard case .logged(_, _, let text) = told else { return }
            #expect(text.contains("the logger cannot open more files: its limit is 80 (stop services, or raise"))
            for _ in all { try first.open() }
            for attempt in all {
                _ = try client.exit(of: attempt)
                try client.emptied(attempt)
            }
            for attempt in all {
                try awaitTrue("line \(attempt)") { keeper.folder.read("log\(attempt)") == "line \(attempt)\n" }
            }
            _ = try client.next { if case .logged(_, _, "is read now") = $0 { true } else { false } }
        }
    }

    @Test func refusedStreamsAreOfferedLessAndLessOftenUntilTheyAreTaken() {
        var refused = RefusedStreams()
        #expect(refused.due == nil)
        #expect(refused.add(7) && refused.add(3) && !refused.add(7))
        #expect(refused.inOrder == [3, 7])
        let first = refused.due ?? 0
        refused.offered()
        let second = refused.due ?? 0
        #expect(second > first)
        #expect(refused.remove(3) && !refused.remove(3) && refused.due != nil)
        #expect(refused.remove(7) && refused.due == nil && refused.isEmpty)
    }
}
