import Testing
import XPMProtocol

@testable import XPMDaemon

/// What a service does not get back from a daemon that was itself started with less.
struct CallerPlanTests {
    private let low = KeeperLimits(nice: 10, oomScore: 500, hardLimits: [7: 1024, 4: 0, 13: 0])

    private func notes(_ wish: CallerSettings, _ keeper: KeeperLimits) throws -> [String] {
        try CallerPlan(wish).unmet(by: keeper)
    }

    @Test func whatCannotBeHadIsNoted() throws {
        let wish = CallerSettings(
            umask: 0o22, nice: 0, oomScore: 0, rlimits: ["nofile": [1024, 4096], "core": [0, -1], "cpu": [-1, -1]])
        #expect(
            try notes(wish, low) == [
                "runs with nice 10 instead of 0: xpmd runs with that and may not lower it",
                "runs with OOM score 500 instead of 0: xpmd runs with that and may not lower it",
                "the hard limit core is 0 instead of unlimited: xpmd was started with that and may not raise it",
                "the hard limit nofile is 1024 instead of 4096: xpmd was started with that and may not raise it",
            ])
    }

    @Test func whatCanBeHadIsNot() throws {
        let wish = CallerSettings(nice: 12, oomScore: 700, rlimits: ["nofile": [10, 20]])
        #expect(try notes(wish, low).isEmpty)
    }

    @Test func whoMayRaiseThemHasThem() throws {
        var root = low
        (root.mayRaisePriority, root.mayRaiseLimits) = (true, true)
        let wish = CallerSettings(nice: -5, oomScore: -100, rlimits: ["nofile": [4096, 4096]])
        #expect(try notes(wish, root).isEmpty)
        var allowed = low
        allowed.hardLimits[13] = 20
        #expect(try notes(CallerSettings(nice: 0), allowed).isEmpty)
        #expect(try notes(CallerSettings(nice: -1), allowed).count == 1)
    }
}
