import Testing
import XPMSupervision

/// When a service without traffic is due to sleep.
@Suite struct IdleClockTests {
    private var clock = IdleClock<Int>(after: .seconds(30), from: .seconds(100))

    @Test func timeBeginsWithRunning() { #expect(clock.due == .seconds(130)) }

    @Test mutating func trafficBeginsItAnew() {
        clock.noteActivity(at: .seconds(110))
        #expect(clock.due == .seconds(140) && clock.lastActivity == .seconds(110))
    }

    @Test mutating func newsOfThePastShortenNothing() {
        clock.noteActivity(at: .seconds(110))
        clock.noteActivity(at: .seconds(50))
        #expect(clock.due == .seconds(140))
    }

    @Test mutating func trafficThatGoesOnCountsFromItsEnd() {
        clock.begin(by: 1, until: .seconds(170), at: .seconds(110))
        #expect(clock.isActive(at: .seconds(169)) && clock.due == .seconds(200))
        clock.end(by: 1, at: .seconds(150))
        #expect(!clock.isActive(at: .seconds(150)) && clock.due == .seconds(180))
    }

    @Test mutating func leaseEndsByItself() {
        clock.begin(by: 1, until: .seconds(170), at: .seconds(110))
        #expect(!clock.isActive(at: .seconds(170)) && clock.due == .seconds(200))
        // Its reporter goes much later.
        clock.end(by: 1, at: .seconds(190))
        #expect(clock.due == .seconds(200) && clock.lastActivity == .seconds(170))
    }

    @Test mutating func lastOfSeveralReportersCounts() {
        clock.begin(by: 1, until: .seconds(170), at: .seconds(110))
        clock.begin(by: 2, until: .seconds(300), at: .seconds(120))
        clock.end(by: 1, at: .seconds(130))
        #expect(clock.isActive(at: .seconds(200)) && clock.due == .seconds(330))
        clock.end(by: 2, at: .seconds(140))
        #expect(clock.due == .seconds(170))
    }

    @Test mutating func reportAgainRenewsTheLease() {
        clock.begin(by: 1, until: .seconds(170), at: .seconds(110))
        clock.begin(by: 1, until: .seconds(200), at: .seconds(140))
        #expect(clock.due == .seconds(230))
    }

    @Test mutating func whoHasToldNothingEndsNothing() {
        clock.end(by: 7, at: .seconds(120))
        #expect(clock.due == .seconds(130) && clock.lastActivity == .seconds(100))
    }

    @Test mutating func otherReasonsToStayAwakeAreNoActivity() {
        clock.hold(at: .seconds(130))
        #expect(clock.due == .seconds(160) && clock.lastActivity == .seconds(100))
    }
}
