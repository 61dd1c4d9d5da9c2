import Glibc
import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing

@testable import XPMDaemon

/// Work that hangs does so at a gate, until its test is over.
@Suite struct WorkersTests {
    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func hang(_ workers: Workers, _ key: Int64, at gate: Gate) -> EventLoopFuture<Void> {
        workers.run(.path("\(key)"), on: Self.loop) { gate.hang() }
    }

    @Test func workThatHangsDelaysNoOtherKeys() async throws {
        let (workers, gate) = (Workers(most: 8), Gate())
        let hung = (0..<40).map { _ in hang(workers, 1, at: gate) }
        defer { gate.open(40) }
        gate.await()
        for key in 2..<50 { #expect(try await workers.run(.path("\(key)"), on: Self.loop) { key }.get() == key) }
        _ = hung
    }

    /// Who waits may be on a loop that does nothing any more, and be the last who asks.
    @Test func anotherThreadIsMadeWhateverBecomesOfTheLoopOfWhoWaits() async throws {
        let (workers, gate, begun) = (Workers(most: 64, mostOfKey: 1), Gate(), Gate())
        // As many as are made at once.
        let count = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let hung = (0..<count).map { hang(workers, Int64($0), at: gate) }
        defer { gate.open(count) }
        gate.await(count)
        // Its time stands still.
        let loop = NIOAsyncTestingEventLoop()
        let last = workers.run(.path("last"), on: loop) { begun.pass() }
        begun.await()
        try await last.get()
        _ = hung
    }

    @Test func severalKeysThatHangDelayNoOthers() async throws {
        let (workers, gate) = (Workers(most: 20, mostOfKey: 1), Gate())
        let hung = (1...19).map { hang(workers, Int64($0), at: gate) }
        defer { gate.open(19) }
        gate.await(19)
        #expect(try await workers.run(.path("20"), on: Self.loop) { 1 }.get() == 1)
        _ = hung
    }

    @Test func threadsAreBounded() async throws {
        let (workers, gate) = (Workers(most: 3), Gate())
        let hung = (1...10).map { hang(workers, Int64($0), at: gate) }
        gate.await(3)
        // As many turns of the loop as would make another one.
        for _ in 0..<5 { try await Self.loop.scheduleTask(in: .milliseconds(20)) {}.futureResult.get() }
        #expect(workers.threadCount == 3)
        gate.open(10)
        for one in hung { try await one.get() }
    }

    @Test func workOfOneKeyBeginsInItsOrder() async throws {
        let (workers, gate) = (Workers(most: 8, mostOfKey: 1), Gate())
        let first = hang(workers, 1, at: gate)
        gate.await()
        let (order, next) = AsyncStream.makeStream(of: Int.self)
        let rest = (0..<100).map { number in workers.run(.path("1"), on: Self.loop) { _ = next.yield(number) } }
        gate.open()
        try await first.get()
        for one in rest { try await one.get() }
        next.finish()
        var seen: [Int] = []
        for await number in order { seen.append(number) }
        #expect(seen == Array(0..<100))
    }

    @Test func whatWaitsOfOneKeyIsBounded() async throws {
        let (workers, gate) = (Workers(most: 8, mostOfKey: 1, mostWaiting: 2), Gate())
        let hung = hang(workers, 1, at: gate)
        gate.await()
        let waiting = (0..<2).map { _ in workers.run(.path("1"), on: Self.loop) { 1 } }
        await #expect(throws: Workers.Fault.tooMuch) {
            try await workers.run(.path("1"), on: Self.loop) { 1 }.get()
        }
        gate.open()
        try await hung.get()
        for one in waiting { #expect(try await one.get() == 1) }
        #expect(try await workers.run(.path("1"), on: Self.loop) { 1 }.get() == 1)
    }

    @Test func whatDoesNotAnswerInTimeIsNamed() async throws {
        let (workers, gate) = (Workers(most: 8, mostOfKey: 1), Gate())
        // Its time passes when it is told to.
        let loop = NIOAsyncTestingEventLoop()
        let answer = workers.run(.path("1"), on: loop, within: .seconds(5)) {
            Trail.at("/dead/file")
            gate.hang()
        }
        gate.await()
        // Nor does what waits behind it, which is not done any more.
        let behind = workers.run(.path("1"), on: loop, within: .seconds(5)) { gate.hang() }
        // The thread may be on its way to the gate still.
        await loop.advanceTime(by: .seconds(60))
        await #expect(throws: Workers.Fault.noAnswer(path: "/dead/file")) { try await answer.get() }
        await #expect(throws: Workers.Fault.noAnswer(path: "")) { try await behind.get() }
        gate.open()
        #expect(try await workers.run(.path("1"), on: Self.loop) { 1 }.get() == 1)
    }

    /// On a machine with more work than processors no file system is to blame.
    @Test func whatWaitsForAProcessorHasMoreTime() async throws {
        let (workers, gate) = (Workers(most: 8, mostOfKey: 1), Gate())
        let loop = NIOAsyncTestingEventLoop()
        let isOver = Mutex(false)
        let busy = workers.run(.path("1"), on: loop, within: .seconds(5)) {
            // It only wants a processor: other tests come first.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
            gate.pass()
            while !isOver.withLock({ $0 }) {}
            return 1
        }
        gate.await()
        let behind = workers.run(.path("1"), on: loop, within: .seconds(5)) { 2 }
        await loop.advanceTime(by: .seconds(55))
        isOver.withLock { $0 = true }
        #expect(try await busy.get() == 1)
        #expect(try await behind.get() == 2)
        // Not for ever.
        let endless = workers.run(.path("1"), on: loop, within: .seconds(5)) {
            gate.pass()
            while isOver.withLock({ $0 }) {}
        }
        gate.await()
        await loop.advanceTime(by: .seconds(60))
        await #expect(throws: Workers.Fault.noAnswer(path: "")) { try await endless.get() }
        isOver.withLock { $0 = false }
    }

    @Test func outcomesAndErrorsComeBack() async throws {
        struct Failed: Error {}
        let workers = Workers(most: 1)
        #expect(try await workers.run(.program, on: Self.loop) { 7 }.get() == 7)
        await #expect(throws: Failed.self) { try await workers.run(.program, on: Self.loop) { throw Failed() }.get() }
    }

    @Test func threadsEndWhenThereIsNoWork() async throws {
        let workers = Workers(most: 8, idleSeconds: 0)
        _ = try await workers.run(.program, on: Self.loop) { 1 }.get()
        while workers.threadCount > 0 { await Task.yield() }
    }
}
