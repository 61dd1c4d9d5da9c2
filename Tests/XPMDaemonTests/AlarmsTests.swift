import NIOCore
import NIOPosix
import Testing

@testable import XPMDaemon

@Suite struct AlarmsTests {
    /// Alarms on a loop of their own, and what has rung there.
    private final class World {
        var alarms: Alarms
        var set: [Alarms.Alarm] = []
        var rung: [Int] = []

        init(_ loop: any EventLoop) { alarms = Alarms(loop: loop) }
    }

    private func with(_ body: (any EventLoop, NIOLoopBound<World>) throws -> Void) throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        let loop = group.next()
        try body(loop, try loop.submit { NIOLoopBound(World(loop), eventLoop: loop) }.wait())
    }

    @Test func theyRingInTheOrderOfTheirDeadlinesWhateverThatOfSetting() throws {
        try with { loop, world in
            let done = loop.makePromise(of: [Int].self)
            loop.execute {
                let (world, now) = (world.value, NIODeadline.now())
                for number in (1...200).map({ $0 * 37 % 200 }) {
                    let alarm = world.alarms.set(for: now + .microseconds(Int64(number) * 50)) {
                        world.rung.append(number)
                        if world.rung.count == 100 { done.succeed(world.rung) }
                    }
                    world.set.append(alarm)
                    if number % 2 == 1 { alarm.cancel() }
                }
            }
            let rung = try done.futureResult.awaited("the alarms")
            #expect(rung == Array(stride(from: 0, to: 200, by: 2)))
        }
    }

    @Test func oneThatIsSetForSoonerRingsSooner() throws {
        try with { loop, world in
            let done = loop.makePromise(of: Void.self)
            loop.execute {
                let world = world.value
                world.set = [world.alarms.set(for: .now() + .hours(1)) {}]
                world.set.append(world.alarms.set(for: .now() + .milliseconds(1)) { done.succeed() })
            }
            try done.futureResult.awaited("the alarm")
        }
    }

    @Test func thoseThatWereCalledOffAreForgotten() throws {
        try with { loop, world in
            let kept = try loop.submit {
                let world = world.value
                for _ in 0..<100_000 { world.alarms.set(for: .now() + .hours(1)) {}.cancel() }
                world.set = [world.alarms.set(for: .now() + .hours(1)) {}]
                for alarm in world.set { alarm.cancel() }
                for alarm in world.set { alarm.cancel() }
                return world.alarms.count
            }.wait()
            #expect(kept <= 65)
        }
    }
}
