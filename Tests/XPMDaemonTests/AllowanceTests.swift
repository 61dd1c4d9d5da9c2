import NIOCore
import SeededRandom
import Testing

@testable import XPMDaemon

struct AllowanceTests {
    private let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

    @Test func aBurstAtOnceThenOneInAnInterval() {
        var allowance = Allowance(burst: 3, every: .seconds(1))
        for _ in 0..<3 {
            #expect(allowance.delay(at: start) == .zero)
            allowance.take(at: start)
        }
        #expect(allowance.delay(at: start) == .seconds(1))
        #expect(allowance.delay(at: start + .milliseconds(400)) == .milliseconds(600))
        #expect(allowance.delay(at: start + .seconds(1)) == .zero)
        allowance.take(at: start + .seconds(1))
        #expect(allowance.delay(at: start + .seconds(1)) == .seconds(1))
        // After a while the burst is there again, and no more than that.
        let later = start + .hours(1)
        for _ in 0..<3 {
            #expect(allowance.delay(at: later) == .zero)
            allowance.take(at: later)
        }
        #expect(allowance.delay(at: later) == .seconds(1))
    }

    @Test func whatWasTakenAgainstTheRuleIsForgottenAfterABurst() {
        var allowance = Allowance(burst: 3, every: .seconds(1))
        for _ in 0..<1000 { allowance.take(at: start) }
        #expect(allowance.delay(at: start) == .seconds(1))
    }

    /// Whoever asks at any time and waits as long as told never has more than the burst and one in an interval.
    @Test(arguments: 0..<10)
    func noSpanHasMoreThanItMay(index: Int) {
        let seed = SeededRandom.seed &+ UInt64(index)
        var random = SeededRandom(seed: seed)
        var allowance = Allowance(burst: 10, every: .milliseconds(100))
        var now = start
        var taken: [NIODeadline] = []
        for _ in 0..<2_000 {
            now = now + .milliseconds(Int64(random.next() % (random.oneIn(20) ? 3_000 : 60)))
            let time = now + allowance.delay(at: now)
            if time > now, random.oneIn(2) { continue }
            allowance.take(at: time)
            taken.append(time)
            now = max(now, time)
        }
        for (place, time) in taken.enumerated().dropFirst(10) {
            #expect(time - taken[place - 10] >= .milliseconds(100), "XPM_TEST_SEED=\(seed)")
        }
        for (place, time) in taken.enumerated().dropFirst(40) {
            #expect(time - taken[place - 40] >= .milliseconds(3_100), "XPM_TEST_SEED=\(seed)")
        }
    }
}
