import SeededRandom
import Testing
import XPMSupervision

/// Deadlines that the services put off which they are for.
@Suite struct ProlongationTests {
    private static let forever = Duration.microseconds(1_000_000_000_000_000)

    @Test(arguments: [
        (Duration.zero, Duration.seconds(3600)), (.seconds(10), .seconds(3600)), (.seconds(360), .seconds(3600)),
        (.seconds(361), .seconds(3610)), (.seconds(1_000_000_000), .seconds(1_000_000_000)),
    ])
    func atMostAnHourOrTenTimesAsLong(planned: Duration, most: Duration) {
        #expect(Prolongation(of: planned).most == most)
    }

    @Test func timeCountsFromTheMomentOfAsking() {
        let limit = Prolongation(of: .seconds(10))
        #expect(limit.extended(.seconds(10), after: .seconds(8), by: .seconds(30)) == .seconds(38))
        #expect(!limit.isExceeded(after: .seconds(8), by: .seconds(30)))
    }

    @Test func lessTimeThanThereIsChangesNothing() {
        #expect(
            Prolongation(of: .seconds(10)).extended(.seconds(10), after: .seconds(2), by: .seconds(1)) == .seconds(10))
    }

    @Test func whoeverAsksForTooMuchGetsTheRest() {
        let limit = Prolongation(of: .seconds(10))
        #expect(limit.extended(.seconds(10), after: .seconds(8), by: Self.forever) == .seconds(3600))
        #expect(limit.isExceeded(after: .seconds(8), by: Self.forever))
        // One that has more already, as its user has given it more, keeps that.
        #expect(limit.extended(.seconds(4000), after: .seconds(8), by: Self.forever) == .seconds(4000))
    }

    /// However a service asks, and whatever its deadline is.
    @Test(arguments: 0..<20) func deadlineComes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let planned = Duration.milliseconds(Int64.random(in: 0...10_000_000, using: &random))
            let limit = Prolongation(of: planned)
            var (whole, elapsed) = (planned, Duration.zero)
            while elapsed < whole {
                let asked = Duration.microseconds(Int64.random(in: 1...1_000_000_000_000_000, using: &random))
                whole = limit.extended(whole, after: elapsed, by: asked)
                // Just before it is due, when asking gains most.
                elapsed += max(.milliseconds(1), (whole - elapsed) / 2)
                guard whole <= max(.seconds(3600), planned * 10) else {
                    Issue.record("seed \(seed): \(planned) became \(whole)")
                    return
                }
            }
        }
    }
}
