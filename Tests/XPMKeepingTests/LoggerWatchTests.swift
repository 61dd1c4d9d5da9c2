import Testing

@testable import XPMKeeping

struct LoggerWatchTests {
    @Test func silenceIsFoundAfterAQuestionThatIsNotAnswered() {
        var watch = LoggerWatch(patience: 10)
        #expect(watch.due == nil && watch.look(at: 1000) == nil)
        watch.asked(at: 0)
        watch.asked(at: 5)
        #expect(watch.due == 10 && watch.look(at: 9) == nil)
        #expect(watch.look(at: 10) == .ask)
        #expect(watch.due == 20 && watch.look(at: 19) == nil)
        #expect(watch.look(at: 20) == .silent)
        #expect(watch.due == nil && watch.look(at: 1000) == nil)
    }

    @Test func anyWordEndsTheWatch() {
        var watch = LoggerWatch(patience: 10)
        watch.asked(at: 0)
        #expect(watch.look(at: 10) == .ask)
        watch.heard()
        #expect(watch.due == nil && watch.look(at: 1000) == nil)
        watch.asked(at: 1000)
        #expect(watch.look(at: 1010) == .ask)
    }
}
