import Glibc
import SeededRandom
import Testing

@testable import XPMWeb

@Suite struct EventLoopTests {
    @Test func timersFireInTheirOrderAndCancelledOnesDoNot() throws {
        let loop = try EventLoop()
        var fired: [Int] = []
        loop.after(.milliseconds(3)) {
            fired.append(3)
            loop.stop()
        }
        loop.after(.milliseconds(1)) { fired.append(1) }
        let cancelled = loop.after(.milliseconds(2)) { fired.append(2) }
        loop.after(.zero) { cancelled.cancel() }
        loop.run()
        #expect(fired == [1, 3])
        #expect(!cancelled.isSet)
    }

    @Test func aTimerMayBeMovedEitherWay() throws {
        let loop = try EventLoop()
        var fired: [String] = []
        let late = loop.after(.zero) { fired.append("late") }
        let early = loop.after(.seconds(3600)) { fired.append("early") }
        late.set(after: .milliseconds(2))
        early.set(after: .milliseconds(1))
        loop.after(.milliseconds(3)) { loop.stop() }
        loop.run()
        #expect(fired == ["early", "late"])
    }

    @Test(arguments: 0..<20) func theHeapGivesTimersByTheirTime(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let loop = try EventLoop()
        var timers = Timers()
        var last = Int64.min
        var fired = 0
        let all = (0..<300).map { _ in Timer(on: loop) { fired += 1 } }
        for timer in all { timers.set(timer, Int64.random(in: 0..<1000, using: &random)) }
        for timer in all where Bool.random(using: &random) {
            timers.set(timer, Int64.random(in: 0..<1000, using: &random))
        }
        var left = 300
        for timer in all where Int.random(in: 0..<4, using: &random) == 0 {
            timers.remove(timer)
            left -= 1
        }
        while let due = timers.first {
            #expect(due >= last)
            last = due
            timers.next(due)?()
        }
        #expect(fired == left)
    }

    @Test func laterRunsOnceInTheNextTurn() throws {
        let loop = try EventLoop()
        var order: [Int] = []
        loop.later {
            order.append(1)
            loop.later {
                order.append(3)
                loop.stop()
            }
            order.append(2)
        }
        loop.run()
        #expect(order == [1, 2, 3])
    }

    @Test func whatWasUnregisteredInTheSameTurnIsNotCalled() throws {
        let loop = try EventLoop()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { ends.forEach { _ = close($0) } }
        let other = dup(ends[0])
        defer { close(other) }
        var calls = 0
        for number in [ends[0], other] {
            try loop.register(number, for: .readable) { _ in
                calls += 1
                loop.unregister(ends[0])
                loop.unregister(other)
                loop.later { loop.stop() }
            }
        }
        #expect(write(ends[1], "x", 1) == 1)
        loop.run()
        #expect(calls == 1)
    }

    @Test func anotherThreadWakesTheLoop() throws {
        let loop = try EventLoop()
        let waker = try Waker(on: loop) { loop.stop() }
        let thread = LoopThread { waker.wake() }
        loop.run()
        thread.join()
        waker.unregister(from: loop)
    }
}
